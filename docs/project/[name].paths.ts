import { routes } from '../.vitepress/pages.js';

export default {
  watch: ['../../*.md', '../../packages/*/*.md'],
  paths: () => routes('project'),
};
