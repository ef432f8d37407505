/** Every scenario of scenarios/: its frames give the rows of its .expected.txt. */
import { join } from 'node:path';
import { igpLines, testScenarios } from '../../contract/testing/golden.ts';
import { msOf, type Wire } from './testing-wire.ts';

interface Scenario {
  frames(): Wire;
  readonly oneLink?: string;
}

testScenarios(join(import.meta.dirname, 'scenarios'), async (module) => {
  const scenario = module as Scenario;
  const rows = await scenario.frames().decode(scenario.oneLink === undefined ? {} : { oneLink: scenario.oneLink });
  return igpLines(rows, (time) => String(msOf(time)));
});
