/** Every scenario of scenarios/: its segments give the rows of its .expected.txt. */
import { join } from 'node:path';
import { testScenarios } from '../../contract/testing/golden.ts';
import { bgpLines, type Wire } from './testing-wire.ts';

testScenarios(join(import.meta.dirname, 'scenarios'), (scenario) => bgpLines((scenario as { frames(): Wire }).frames().decode()));
