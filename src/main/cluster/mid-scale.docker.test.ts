import { midScaleCases } from './mid-scale.cases.ts';

midScaleCases('docker', { growing: 150, shrinking: 0 });
