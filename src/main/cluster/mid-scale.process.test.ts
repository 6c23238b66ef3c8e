import { midScaleCases } from './mid-scale.cases.ts';

midScaleCases('process', { growing: 0, shrinking: 200 });
