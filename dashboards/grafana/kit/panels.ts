/** One function a kind of panel: what all panels of that kind have in common stands here once. */
import {
  AxisPlacement, BigValueColorMode, BigValueGraphMode, BigValueJustifyMode, BigValueTextMode, FieldColorModeId, GraphDrawStyle, LegendDisplayMode,
  MappingType, PercentChangeColorMode, ScaleDistribution, SortOrder, StackingMode, TableCellDisplayMode, TableCellHeight, ThresholdsMode, TooltipDisplayMode, VisibilityMode, VizOrientation,
  type Panel, type RowPanel, type Threshold, type ValueMapping,
} from '@grafana/schema';
import type { Options as NodeGraphOptions } from '@grafana/schema/dist/esm/raw/composable/nodegraph/panelcfg/x/NodeGraphPanelCfg_types.gen';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { FieldConfig as StateTimelineField, Options as StateTimelineOptions } from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type { FieldConfig as TableField, Options as TableOptions } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type { FieldConfig as TimeSeriesField, Options as TimeSeriesOptions } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import { dataSource, Format, query } from './query.ts';

/** Colours by meaning; all but red and green of one brightness are told apart by the colour-blind, and states are written out too. */
export const colors = { good: 'green', bad: 'red', warn: 'orange', rest: 'blue', none: 'text' } as const;

/** Where a click on a value leads. */
export interface DataLink {
  readonly title: string;
  readonly url: string;
}

/** A panel before it has its place. */
export type Draft = Panel & { readonly gridPos: { readonly w: number; readonly h: number; x: number; y: number } };

interface Common {
  readonly title: string;
  /** What it shows and what to do about it: behind the panel's (i). */
  readonly description: string;
  /** Columns of 24. */
  readonly width: number;
  readonly height?: number;
}

/** Names of the units that the panels use, as Grafana spells them. */
export type Unit = 'short' | 's' | 'ms' | 'bytes' | 'percentunit' | 'dateTimeAsIso' | 'none';

function draft(type: string, common: Common, height: number, rest: Partial<Panel>): Draft {
  return {
    type, title: common.title, description: common.description, datasource: dataSource,
    gridPos: { w: common.width, h: common.height ?? height, x: 0, y: 0 }, ...rest,
  };
}

/** Steps from the first value on: `[[null, 'green'], [1, 'red']]`. */
function steps(list: readonly (readonly [number | null, string])[]): { mode: ThresholdsMode; steps: Threshold[] } {
  return { mode: ThresholdsMode.Absolute, steps: list.map(([value, color]) => ({ value, color })) };
}

/** Below the graph, in one line. Beside the options' types: the package exports two enums of the name LegendDisplayMode, and they want the other one. */
const legend = { displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: true, calcs: [] };

/** Good at 0, bad from 1 on. */
export const badIfAny = [[null, colors.good], [1, colors.bad]] as const;
/** Good at 0, a warning from 1 on. */
export const warnIfAny = [[null, colors.good], [1, colors.warn]] as const;
/** Bad at 0. */
export const badIfNone = [[null, colors.bad], [1, colors.good]] as const;
export const neutral = [[null, colors.rest]] as const;

/** One number. `sql` gives one row with one number. */
export function stat(panel: Common & { sql: string; unit?: Unit; thresholds?: readonly (readonly [number | null, string])[]; links?: DataLink[] }): Draft {
  const options: StatOptions = {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, orientation: VizOrientation.Auto,
    colorMode: BigValueColorMode.Value, graphMode: BigValueGraphMode.None, justifyMode: BigValueJustifyMode.Auto, textMode: BigValueTextMode.Auto,
    percentChangeColorMode: PercentChangeColorMode.Standard, showPercentChange: false, wideLayout: true,
  };
  return draft('stat', panel, 4, {
    targets: [query('A', Format.Table, panel.sql)].map((target) => ({ ...target })), options: { ...options },
    fieldConfig: {
      defaults: {
        unit: panel.unit ?? 'short', thresholds: steps(panel.thresholds ?? neutral), color: { mode: FieldColorModeId.Thresholds }, noValue: 'none',
        ...(panel.links === undefined ? {} : { links: panel.links }),
      },
      overrides: [],
    },
  });
}

/** Numbers over time. `sql` gives `time` in rising order, a string for each series, and numbers. */
export function timeSeries(panel: Common & { sql: string; unit?: Unit; bars?: boolean; thresholds?: readonly (readonly [number | null, string])[]; logarithmic?: boolean }): Draft {
  const custom: TimeSeriesField = {
    drawStyle: panel.bars === true ? GraphDrawStyle.Bars : GraphDrawStyle.Line, lineWidth: 1, fillOpacity: panel.bars === true ? 70 : 10, showPoints: VisibilityMode.Auto,
    stacking: { mode: panel.bars === true ? StackingMode.Normal : StackingMode.None, group: 'A' }, axisPlacement: AxisPlacement.Auto, spanNulls: panel.bars !== true,
    scaleDistribution: panel.logarithmic === true ? { type: ScaleDistribution.Log, log: 10 } : { type: ScaleDistribution.Linear },
  };
  const options: Omit<TimeSeriesOptions, 'legend'> = {
    tooltip: { mode: TooltipDisplayMode.Multi, sort: SortOrder.Descending },
  };
  return draft('timeseries', panel, 8, {
    targets: [{ ...query('A', Format.TimeSeries, panel.sql) }], options: { ...options, legend }, interval: '1s',
    fieldConfig: {
      defaults: {
        unit: panel.unit ?? 'short', min: 0, color: { mode: FieldColorModeId.PaletteClassicByName }, thresholds: steps(panel.thresholds ?? neutral), custom: { ...custom },
      },
      overrides: [],
    },
  });
}

/** How a column of a table looks. */
export interface ColumnLook {
  readonly unit?: Unit;
  readonly width?: number;
  /** Colours by value. */
  readonly colors?: Readonly<Record<string, string>>;
  readonly links?: DataLink[];
  readonly thresholds?: readonly (readonly [number | null, string])[];
}

/** Rows. Columns are named in the query as they shall be read. */
export function table(panel: Common & { sql: string; columns?: Readonly<Record<string, ColumnLook>> }): Draft {
  const custom: TableField = { align: 'auto', cellOptions: { type: TableCellDisplayMode.Auto }, filterable: true, inspect: true };
  const options: TableOptions = { frameIndex: 0, showHeader: true, cellHeight: TableCellHeight.Sm, enablePagination: true };
  return draft('table', panel, 9, {
    targets: [{ ...query('A', Format.Table, panel.sql) }], options: { ...options },
    fieldConfig: {
      defaults: { custom: { ...custom }, thresholds: steps(neutral), color: { mode: FieldColorModeId.Thresholds }, noValue: '' },
      overrides: Object.entries(panel.columns ?? {}).map(([name, look]) => ({ matcher: { id: 'byName', options: name }, properties: properties(look) })),
    },
  });
}

function properties(look: ColumnLook): { id: string; value?: unknown }[] {
  const colored = { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } };
  return [
    ...(look.unit === undefined ? [] : [{ id: 'unit', value: look.unit }]),
    ...(look.width === undefined ? [] : [{ id: 'custom.width', value: look.width }]),
    ...(look.links === undefined ? [] : [{ id: 'links', value: look.links }]),
    ...(look.colors === undefined ? [] : [{ id: 'mappings', value: [mapping(look.colors)] }, colored]),
    ...(look.thresholds === undefined ? [] : [{ id: 'thresholds', value: steps(look.thresholds) }, colored]),
  ];
}

function mapping(byValue: Readonly<Record<string, string>>): ValueMapping {
  return { type: MappingType.ValueToText, options: Object.fromEntries(Object.entries(byValue).map(([value, color], index) => [value, { color, index }])) };
}

/** A band for each series that changes colour with its state. `sql` gives `time`, `series`, `state`, each series in rising order of time. */
export function stateTimeline(panel: Common & { sql: string; colors: Readonly<Record<string, string>> }): Draft {
  const custom: StateTimelineField = { lineWidth: 0, fillOpacity: 80 };
  const options: Omit<StateTimelineOptions, 'legend'> = {
    showValue: VisibilityMode.Auto, rowHeight: 0.85, mergeValues: true, perPage: 20, alignValue: 'left',
    tooltip: { mode: TooltipDisplayMode.Single, sort: SortOrder.None },
  };
  return draft('state-timeline', panel, 10, {
    targets: [{ ...query('A', Format.Table, panel.sql) }], options: { ...options, legend },
    // A frame for each series: rows of many series in one frame would be one band.
    transformations: [{ id: 'partitionByValues', options: { fields: ['series'], keepFields: false, naming: { asLabels: true } } }],
    fieldConfig: {
      defaults: { mappings: [mapping(panel.colors)], color: { mode: FieldColorModeId.Thresholds }, thresholds: steps(neutral), displayName: '${__field.labels.series}', custom: { ...custom } },
      overrides: [],
    },
  });
}

/** Nodes and the edges between them, in the shape of the grafana_node_graph views; the frames are known by their refIds. */
export function nodeGraph(panel: Common & { nodes: string; edges: string; arcs: Readonly<Record<string, string>> }): Draft {
  const options: NodeGraphOptions = { nodes: { arcs: Object.entries(panel.arcs).map(([field, color]) => ({ field, color })) }, edges: {} };
  return draft('nodeGraph', panel, 20, {
    targets: [{ ...query('nodes', Format.Table, panel.nodes) }, { ...query('edges', Format.Table, panel.edges) }], options: { ...options },
    fieldConfig: { defaults: {}, overrides: [] },
  });
}

/** A heading; the panels after it stand below it. */
export function row(title: string): RowPanel {
  return { type: 'row', title, collapsed: false, id: 0, panels: [], gridPos: { x: 0, y: 0, w: 24, h: 1 } };
}

