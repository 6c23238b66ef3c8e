export const playback = {
  'playback.title': 'A recording',
  'playback.text': '{name}: what happened then. Nothing runs, nothing can be changed.',
  'playback.play': 'Play',
  'playback.hold': 'Hold',
  'playback.position': 'Position',
  'playback.speed': 'Speed',
  'playback.close': 'Close the recording',
  'playback.first': 'Play the recording',
  'playback.open': 'Open a recording',
  'playback.or': 'Or look around first: a recorded run plays without any engine.',
};
