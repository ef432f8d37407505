/** What coverage says of the taps at the end of a rule's range: blind is not down. */

/** Each tap with its last coverage event: domain, collector, tap, last. Gaps and resets pass, so they are no state. */
export const tapStates = `SELECT domain, collector, tap, argMax(toString(what), time) AS last FROM routewatch.coverage_events
  WHERE time <= $__toTime AND what NOT IN ('gap', 'state-reset') GROUP BY domain, collector, tap`;

export const blindStates = "('coverage-lost', 'coverage-suspect', 'carrier-lost')";

/** Condition of rows with `domain` and `tap`: their tap sees. */
export const tapSees = `(toString(domain), toString(tap)) GLOBAL NOT IN (SELECT toString(domain), toString(tap) FROM (${tapStates}) WHERE last IN ${blindStates})`;
