// Runs queries as Grafana's ClickHouse data source does: macros by the scanner of Grafana's plugin SDK, the query by ClickHouse's
// Go driver over HTTP, the answer into frames by sqlds. The plugin itself cannot be had as a Go module: bodies of its macros and
// the options of its connection are written after its source; its converters of types are missing, so arrays and maps are errors.
//
//	grafana-check HOST:PORT   with one JSON object a line on standard input, answers one a line
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/data/sqlutil"
	"github.com/grafana/sqlds/v5"
)

type question struct {
	SQL        string                    `json:"sql"`
	RefID      string                    `json:"refId"`
	Format     sqlutil.FormatQueryOption `json:"format"`
	From       int64                     `json:"from"`
	To         int64                     `json:"to"`
	IntervalMs int64                     `json:"intervalMs"`
}

type field struct {
	Name   string            `json:"name"`
	Type   string            `json:"type"`
	Labels map[string]string `json:"labels"`
	Rows   int               `json:"rows"`
}

type answer struct {
	SQL    string    `json:"sql"`
	Error  string    `json:"error,omitempty"`
	Name   string    `json:"name"`
	Frames [][]field `json:"frames"`
}

func one(args []string) (string, error) {
	if len(args) != 1 {
		return "", fmt.Errorf("%w: expected 1 argument, received %d", sqlutil.ErrorBadArgumentCount, len(args))
	}
	return args[0], nil
}

func seconds(at time.Time) string { return fmt.Sprintf("toDateTime(%d)", at.Unix()) }
func milliseconds(at time.Time) string {
	return fmt.Sprintf("fromUnixTimestamp64Milli(%d)", at.UnixMilli())
}

func between(text func(time.Time) string) sqlutil.MacroFunc {
	return func(q *sqlutil.Query, args []string) (string, error) {
		column, err := one(args)
		return fmt.Sprintf("%s >= %s AND %s <= %s", column, text(q.TimeRange.From), column, text(q.TimeRange.To)), err
	}
}

func bound(text func(time.Time) string, of func(backend.TimeRange) time.Time) sqlutil.MacroFunc {
	return func(q *sqlutil.Query, _ []string) (string, error) { return text(of(q.TimeRange)), nil }
}

func from(r backend.TimeRange) time.Time { return r.From }
func to(r backend.TimeRange) time.Time   { return r.To }

func wholeSeconds(q *sqlutil.Query) int64 { return max(1, int64(q.Interval.Seconds())) }

var macros = sqlutil.Macros{
	"fromTime": bound(seconds, from), "toTime": bound(seconds, to), "fromTime_ms": bound(milliseconds, from), "toTime_ms": bound(milliseconds, to),
	"timeFilter": between(seconds), "timeFilter_ms": between(milliseconds),
	"timeInterval": func(q *sqlutil.Query, args []string) (string, error) {
		column, err := one(args)
		return fmt.Sprintf("toStartOfInterval(toDateTime(%s), INTERVAL %d second)", column, wholeSeconds(q)), err
	},
	"timeInterval_ms": func(q *sqlutil.Query, args []string) (string, error) {
		column, err := one(args)
		return fmt.Sprintf("toStartOfInterval(toDateTime64(%s, 3), INTERVAL %d millisecond)", column, max(1, q.Interval.Milliseconds())), err
	},
	"interval_s": func(q *sqlutil.Query, _ []string) (string, error) { return fmt.Sprint(wholeSeconds(q)), nil },
}

func run(db sqlds.Connection, asked question) answer {
	query := &sqlutil.Query{
		RawSQL: asked.SQL, RefID: asked.RefID, Format: asked.Format, Interval: time.Duration(asked.IntervalMs) * time.Millisecond,
		TimeRange: backend.TimeRange{From: time.UnixMilli(asked.From).UTC(), To: time.UnixMilli(asked.To).UTC()},
	}
	sql, err := sqlutil.Interpolate(query, macros)
	if err != nil {
		return answer{SQL: sql, Error: err.Error()}
	}
	query.RawSQL = sql
	fill := &data.FillMissing{Mode: data.FillModeNull}
	frames, err := sqlds.NewQuery(db, backend.DataSourceInstanceSettings{Name: "RouteWatch", Type: "grafana-clickhouse-datasource"}, nil, fill, 1_000_000).Run(context.Background(), query, nil)
	if err != nil {
		return answer{SQL: sql, Error: err.Error()}
	}
	result := answer{SQL: sql}
	for _, frame := range frames {
		result.Name = frame.Name
		fields := []field{}
		for _, f := range frame.Fields {
			fields = append(fields, field{Name: f.Name, Type: f.Type().ItemTypeString(), Labels: f.Labels, Rows: f.Len()})
		}
		result.Frames = append(result.Frames, fields)
	}
	return result
}

func main() {
	db := clickhouse.OpenDB(&clickhouse.Options{
		Addr: []string{os.Args[1]}, Protocol: clickhouse.HTTP, Auth: clickhouse.Auth{Database: "routewatch", Username: "default"},
		Compression: &clickhouse.Compression{Method: clickhouse.CompressionGZIP}, DialTimeout: 10 * time.Second, ReadTimeout: time.Minute,
	})
	if err := db.Ping(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := out.Encode(run(db, asked)); err != nil {
			os.Exit(1)
		}
	}
}
