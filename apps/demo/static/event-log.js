/** What the small pages show of the events: `part` and `print`, for the script that follows. */
const MAX_ROWS = 200;

const part = (name) => document.querySelector(`[data-testid="${name}"]`);

const TONES = {
  connected: 'good',
  reconnected: 'good',
  disconnected: 'bad',
  error: 'bad',
  buffer_overflow: 'bad',
  reconnecting: 'wait',
};

// eslint-disable-next-line no-unused-vars -- The script that follows calls it.
function print({ type, timestamp, ...fields }) {
  const row = make('li', '');
  row.dataset.tone = TONES[type] ?? 'plain';
  const list = make('span', '');
  list.className = 'fields';
  for (const [name, value] of Object.entries(fields)) {
    const field = make('span', ` ${text(value)}`);
    field.className = 'field';
    field.prepend(make('i', name));
    list.append(field);
  }
  const date = new Date(timestamp * 1_000);
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  const time = `${date.toTimeString().slice(0, 8)}.${ms}`;
  row.append(make('time', time), make('strong', type), list);
  part('log').prepend(row);
  if (part('log').children.length > MAX_ROWS) part('log').lastChild.remove();
}

function text(value) {
  if (value instanceof Error) return value.name;
  if (typeof value === 'string' && value !== '') return value;
  return JSON.stringify(typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value);
}

function make(name, content) {
  const element = document.createElement(name);
  element.textContent = content;
  return element;
}
