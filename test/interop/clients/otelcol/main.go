// The OTLP receiver of the OpenTelemetry collector, on a free loopback port. Every span and data point it took is printed as a line of JSON, as
// the collector's own code read it, when stdin closes.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

type span struct {
	Kind         string         `json:"kind"`
	Name         string         `json:"name"`
	TraceID      string         `json:"traceId"`
	SpanID       string         `json:"spanId"`
	ParentSpanID string         `json:"parentSpanId"`
	Status       string         `json:"status"`
	StartNs      int64          `json:"startNs"`
	EndNs        int64          `json:"endNs"`
	Attributes   map[string]any `json:"attributes"`
	Resource     map[string]any `json:"resource"`
}

type metric struct {
	Kind       string         `json:"kind"`
	Name       string         `json:"name"`
	Unit       string         `json:"unit"`
	Value      float64        `json:"value"`
	Attributes map[string]any `json:"attributes"`
}

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	endpoint := listener.Addr().String()
	listener.Close()

	out := bufio.NewWriter(os.Stdout)
	var lock sync.Mutex
	say := func(value any) {
		lock.Lock()
		defer lock.Unlock()
		line, _ := json.Marshal(value)
		out.Write(append(line, '\n'))
	}
	traces, err := consumer.NewTraces(func(_ context.Context, data ptrace.Traces) error {
		for _, one := range data.ResourceSpans().All() {
			for _, scope := range one.ScopeSpans().All() {
				for _, it := range scope.Spans().All() {
					say(span{"span", it.Name(), it.TraceID().String(), it.SpanID().String(), it.ParentSpanID().String(),
						it.Status().Code().String(), int64(it.StartTimestamp()), int64(it.EndTimestamp()),
						it.Attributes().AsRaw(), one.Resource().Attributes().AsRaw()})
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	metrics, err := consumer.NewMetrics(func(_ context.Context, data pmetric.Metrics) error {
		for _, one := range data.ResourceMetrics().All() {
			for _, scope := range one.ScopeMetrics().All() {
				for _, it := range scope.Metrics().All() {
					sayMetric(it, say)
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}

	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig().(*otlpreceiver.Config)
	http := otlpreceiver.HTTPConfig{TracesURLPath: "/v1/traces", MetricsURLPath: "/v1/metrics", LogsURLPath: "/v1/logs"}
	http.ServerConfig = confighttp.NewDefaultServerConfig()
	http.ServerConfig.NetAddr.Endpoint = endpoint
	config.Protocols.HTTP = configoptional.Some(http)
	settings := receiver.Settings{
		ID:                component.NewID(factory.Type()),
		TelemetrySettings: componenttest.NewNopTelemetrySettings(),
		BuildInfo:         component.NewDefaultBuildInfo(),
	}
	ctx := context.Background()
	spans, err := factory.CreateTraces(ctx, settings, config, traces)
	if err != nil {
		return err
	}
	points, err := factory.CreateMetrics(ctx, settings, config, metrics)
	if err != nil {
		return err
	}
	host := componenttest.NewNopHost()
	if err := spans.Start(ctx, host); err != nil {
		return err
	}
	if err := points.Start(ctx, host); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, endpoint)
	io.Copy(io.Discard, os.Stdin)
	if err := spans.Shutdown(ctx); err != nil {
		return err
	}
	if err := points.Shutdown(ctx); err != nil {
		return err
	}
	return out.Flush()
}

func sayMetric(it pmetric.Metric, say func(any)) {
	switch it.Type() {
	case pmetric.MetricTypeSum:
		for _, point := range it.Sum().DataPoints().All() {
			value := point.DoubleValue() + float64(point.IntValue())
			say(metric{"sum", it.Name(), it.Unit(), value, point.Attributes().AsRaw()})
		}
	case pmetric.MetricTypeHistogram:
		for _, point := range it.Histogram().DataPoints().All() {
			say(metric{"histogram", it.Name(), it.Unit(), float64(point.Count()), point.Attributes().AsRaw()})
		}
	}
}
