export const EXPLAINED = [];
