import { faultCases } from './faults.cases.ts';

faultCases('process');
