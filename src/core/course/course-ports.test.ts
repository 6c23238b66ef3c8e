import { expect, test } from 'vitest';
import {
  COURSE_PORTS,
  courseConflict,
  courseEndpoints,
  courseHostPorts,
  courseHttpPort,
  coursePublished,
} from './course-ports.ts';

test('the addresses are those of the originals', () => {
  expect(courseEndpoints(['calculator', 'salad', 'lines'])).toEqual({
    calculator: 'http://127.0.0.1:5000',
    salad: 'http://127.0.0.1:8000',
    shared: 'http://127.0.0.1:8001',
    lines: '127.0.0.1:5001',
  });
  expect(courseEndpoints(['sockets'])).toEqual({ sockets: '127.0.0.1:5000' });
  expect(courseEndpoints([])).toEqual({});
});

test('calculator and sockets want the same port; nothing else is in each other’s way', () => {
  for (const one of COURSE_PORTS) {
    for (const other of COURSE_PORTS) {
      if (one === other) continue;
      const clash = [one, other].includes('calculator') && [one, other].includes('sockets');
      expect(courseConflict([one, other]), `${one}, ${other}`).toBe(clash ? 5000 : null);
    }
  }
  expect(courseConflict(['calculator', 'salad'])).toBeNull();
});

test('each node publishes its own, and the calculator is the master’s HTTP itself', () => {
  const wanted = ['calculator', 'salad', 'lines'] as const;
  expect(coursePublished(wanted, 'master')).toEqual({ salad: 8000, shared: 8001, lines: 5001 });
  expect(coursePublished(wanted, 'headnode')).toEqual({});
  expect(coursePublished(['sockets'], 'headnode')).toEqual({ sockets: 5000 });
  expect(courseHttpPort(wanted)).toBe(5000);
  expect(courseHttpPort(['sockets', 'salad'])).toBeNull();
  expect(courseHostPorts(wanted)).toEqual([5000, 8000, 8001, 5001]);
});
