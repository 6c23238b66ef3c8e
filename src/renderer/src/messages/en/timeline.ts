export const timeline = {
  'timeline.label': 'Timeline',
  'timeline.events': 'Events',
  'timeline.filter': 'Filter events',
  'timeline.older': 'Older events',
  'timeline.rate': 'rate',
  'timeline.p95': 'p95',
  'timeline.picture': 'The last five minutes: events as marks, request rate and p95 as lines',
  'timeline.around': 'Events around {at}',
  'timeline.newest': 'Show the newest',
  'timeline.nothing': 'Nothing happened within half a minute of it.',
};
