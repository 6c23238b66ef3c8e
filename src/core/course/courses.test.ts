import { expect, test } from 'vitest';
import { courseConflict } from './course-ports.ts';
import { addressesOf, addressesWith, COURSES, curlsOf, portsWith, portsWithout, PRESETS } from './courses.ts';

test('every preset can be had, and says how it is called', () => {
  for (const course of COURSES) {
    const { ports } = PRESETS[course];
    expect(courseConflict(ports), course).toBeNull();
    const curls = curlsOf(course, addressesWith(ports, 'http://127.0.0.1:41000'));
    expect(curls.length, course).toBeGreaterThan(0);
    expect(curls.join(' '), course).not.toMatch(/null|undefined/);
  }
});

test('what is published serves; all else is at the master, or nowhere', () => {
  const master = 'http://127.0.0.1:41000';
  expect(addressesOf({ master, course: { salad: 'http://127.0.0.1:8000' } })).toEqual({
    http: master,
    salad: 'http://127.0.0.1:8000',
    shared: master,
    lines: null,
    sockets: null,
  });
  expect(curlsOf('sockets', addressesOf({ master, course: {} }))).toEqual([]);
});

test('a course that is switched on gives up only what stands in its way', () => {
  expect(portsWith(['calculator', 'salad'], 'sockets')).toEqual(['salad', 'sockets']);
  expect(portsWith(['calculator'], 'calculator')).toEqual(['calculator']);
  expect(portsWith(['calculator', 'salad'], 'weather')).toEqual(['calculator', 'salad']);
  expect(portsWithout(['calculator', 'salad'], 'salad')).toEqual(['calculator']);
});
