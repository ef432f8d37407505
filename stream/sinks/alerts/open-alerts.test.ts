import { expect, it } from 'vitest';
import type { Alert } from './alert.ts';
import { nameOf, OpenAlerts } from './open-alerts.ts';

function alert(key: string, due: bigint | undefined, place = 'p'): Alert {
  return { rule: 'r', key, partition: 0, due, labels: { place } } as unknown as Alert;
}

const keysAt = (alerts: OpenAlerts, place: string): string[] => [...alerts.at(place)].map(({ key }) => key);

it('gives what is due first, by name where times are equal, and not what is gone or due at another time by now', () => {
  const alerts = new OpenAlerts(() => []);
  const later = alert('later', 30n);
  for (const one of [later, alert('b', 20n), alert('a', 20n), alert('never', undefined), alert('gone', 10n)]) alerts.put(one);
  alerts.delete(nameOf({ rule: 'r', key: 'gone' }));
  later.due = 5n;
  alerts.noteDue(later);
  const order: string[] = [];
  for (let first = alerts.firstDue(0); first !== undefined; first = alerts.firstDue(0)) {
    order.push(first.key);
    first.due = undefined;
    alerts.noteDue(first);
  }
  expect(order).toEqual(['later', 'a', 'b']);
  expect(alerts.firstDue(1)).toBeUndefined();
});

it('finds by place, and an alert that takes the place of one of its name alone', () => {
  const alerts = new OpenAlerts(({ labels }) => [labels['place']!]);
  for (const one of [alert('x', undefined), alert('y', 1n), alert('x', undefined, 'q')]) alerts.put(one);
  expect([keysAt(alerts, 'p'), keysAt(alerts, 'q'), keysAt(alerts, 'nowhere')]).toEqual([['y'], ['x'], []]);
  expect([...alerts.values()].map(({ key }) => key)).toEqual(['y', 'x']);
  alerts.delete(nameOf({ rule: 'r', key: 'y' }));
  expect(keysAt(alerts, 'p')).toEqual([]);
});
