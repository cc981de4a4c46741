import { NetworkApi } from './network-api.js';
import { Page, showBanner } from './page.js';
import { fromQuery } from './settings.js';
import { setUpTheme } from './theme.js';

setUpTheme();
try {
  const settings = fromQuery(location.search);
  const { api, view } = await NetworkApi.open(settings.rateIn);
  new Page(api, view, settings).begin();
} catch (error) {
  showBanner(error);
}
