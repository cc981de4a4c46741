/** Said of a message that came: it is not done with yet, and somebody will say when it is. */
export const LATER = 'later';
