import { describe, expect, it } from 'vitest';
import { checkpointsTopic, eventsTopic, framesTopic, reportsTopic } from '../../contract/log.ts';
import { allTopics, defaultPlan, type FoundTopic, topicProblems, topicToCreate } from './topics.ts';

/** The topics as they are made on so many brokers. */
function made(brokers: number): FoundTopic[] {
  return allTopics.map((topic) => {
    const { numPartitions, replicationFactor, configEntries } = topicToCreate(topic, topic, 8, defaultPlan(brokers));
    return { topic, partitions: numPartitions!, replication: replicationFactor!, settings: new Map(configEntries!.map(({ name, value }) => [name, value])) };
  });
}

/** The topics with one of them changed. */
function changed(topic: string, settings: Readonly<Record<string, string>>, more: Partial<FoundTopic> = {}): FoundTopic[] {
  return made(1).map((each) => (each.topic === topic ? { ...each, ...more, settings: new Map([...each.settings, ...Object.entries(settings)]) } : each));
}

describe('topics', () => {
  it('are made as they have to be, with copies where there are brokers for them', () => {
    for (const brokers of [1, 2, 3, 9]) expect(topicProblems(made(brokers))).toEqual([]);
    expect(made(9).map(({ replication, settings }) => [replication, settings.get('min.insync.replicas')])).toEqual(Array.from({ length: 4 }, () => [3, '2']));
    expect(made(1).map(({ settings }) => Number(settings.get('retention.ms')) / 3_600_000)).toEqual([72, 168, 216, 168]);
  });

  it.each([
    [framesTopic, { 'cleanup.policy': 'compact' }, {}, 'cleanup.policy is compact; set it to delete'],
    [eventsTopic, { 'max.message.bytes': '1048588' }, {}, 'max.message.bytes is 1048588; set it to 16777216'],
    [eventsTopic, { 'unclean.leader.election.enable': 'true' }, {}, 'unclean.leader.election.enable is true; set it to false'],
    [framesTopic, { 'compression.type': 'snappy' }, {}, 'compression.type is snappy; set it to producer'],
    [checkpointsTopic, { 'min.insync.replicas': '2' }, {}, 'min.insync.replicas is 2; set it to 1 (there are 1 copies: nothing could be written)'],
    [checkpointsTopic, { 'retention.ms': '259200000' }, {}, 'retention.ms is 259200000; set it to 777600000 (3 times that of'],
    [framesTopic, { 'retention.ms': '-1' }, {}, 'retention.ms is 777600000; set it to -1 (3 times that of'],
    [checkpointsTopic, {}, { partitions: 4 }, 'they need the same count'],
    [reportsTopic, {}, { partitions: 2 }, 'has 2 partitions; it needs 1'],
  ])('%s with %j is refused with what to change', (topic, settings, more, message) => {
    const problems = topicProblems(changed(topic, settings, more));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
  });

  it('may keep checkpoints for ever', () => {
    expect(topicProblems(changed(checkpointsTopic, { 'retention.ms': '-1' }))).toEqual([]);
  });
});
