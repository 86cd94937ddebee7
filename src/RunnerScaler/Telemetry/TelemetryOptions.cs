using RunnerScaler.Control.Work;

namespace RunnerScaler.Telemetry;

/// <summary>What is sent to others. Metrics are fetched (<c>docs/metrics.md</c>), traces are sent.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>
    /// Where the traces of jobs are sent, by OTLP over HTTP with protobuf, such as <c>http://collector:4318</c>. Empty:
    /// nowhere, unless <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where.
    /// </summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>
    /// The share of jobs whose traces are sent. <c>OTEL_TRACES_SAMPLER</c> in the environment comes before it.
    /// </summary>
    [OptionRange("0", "1")]
    public double TraceShare { get; set; } = 1;
}
