import { faultCases } from './faults.cases.ts';

faultCases('docker');
