using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using RunnerScaler.Control.State;
using RunnerScaler.Explaining;
using RunnerScaler.Protocol;

namespace RunnerScaler.Telemetry;

/// <summary>
/// Sends each job that ended as a trace to who collects them
/// (<see href="https://opentelemetry.io/docs/specs/otlp/">OTLP</see>). Without an address it does nothing. What cannot
/// be sent is dropped: nothing waits for it. Disposing sends what is left.
/// </summary>
internal sealed class JobTraces : IDisposable
{
    /// <summary>The name of the source of all our traces.</summary>
    public const string Name = "RunnerScaler";

    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string Sampler = "OTEL_TRACES_SAMPLER";

    private readonly ActivitySource source;
    private readonly TracerProvider? provider;

    /// <param name="options">Where to.</param>
    /// <param name="version">The controller's.</param>
    /// <param name="environment">A variable of the environment; null if it is not set.</param>
    public JobTraces(TelemetryOptions options, string version, Func<string, string?> environment)
    {
        source = new ActivitySource(Name, version);
        if (options.OtlpEndpoint.Length == 0 && environment(Endpoint) is null && environment(TracesEndpoint) is null)
            return;
        var builder = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(r => r
                .Clear().AddService("runnerscaler", serviceVersion: version).AddEnvironmentVariableDetector())
            .AddSource(Name)
            .AddOtlpExporter(exporter => Address(exporter, options));
        if (environment(Sampler) is null)
            builder.SetSampler(new TraceIdRatioBasedSampler(options.TraceShare));
        provider = builder.Build();
    }

    /// <summary>Sends the traces of the jobs that end.</summary>
    public void Follow(EndedRunners ended)
    {
        if (provider is not null)
            ended.JobEnded += Send;
    }

    public void Dispose()
    {
        provider?.Dispose();
        source.Dispose();
    }

    /// <summary>Whatever goes on around us is no part of the job's trace.</summary>
    private void Send(EndedRunner ended)
    {
        if (JobTrace.RootOf(ended) is not { } whole)
            return;
        var around = Activity.Current;
        Activity.Current = null;
        try
        {
            Send(ended, whole);
        }
        finally
        {
            Activity.Current = around;
        }
    }

    private void Send(EndedRunner ended, TraceSpan whole)
    {
        // The sampler goes by the trace's id alone: what it leaves out is not put together first.
        using var root = source.CreateActivity(whole.Name, ActivityKind.Internal, default(ActivityContext));
        if (root is not { IsAllDataRequested: true } || JobTrace.Of(ended) is not { } trace)
            return;
        foreach (var (name, value) in trace.Attributes)
            root.SetTag(name, value);
        root.SetStartTime(trace.Root.From.UtcDateTime).Start();
        foreach (var part in trace.Parts.Concat(trace.Builds))
        {
            using var child = source.StartActivity(
                part.Name, ActivityKind.Internal, root.Context, startTime: part.From);
            if (child is not null && part.Build is { } build)
                Describe(child, build);
            child?.SetEndTime(part.To.UtcDateTime);
        }
        if (trace.Failed)
            root.SetStatus(ActivityStatusCode.Error);
        root.SetEndTime(trace.Root.To.UtcDateTime);
    }

    private static void Describe(Activity span, Build build)
    {
        span.SetTag("runnerscaler.build.command", Word.Lower(build.Command));
        span.SetTag("runnerscaler.build.result", Word.Lower(build.Result));
        if (build is { Steps: { } steps, CachedSteps: { } cached })
            span.SetTag("runnerscaler.build.steps", steps).SetTag("runnerscaler.build.cached_steps", cached);
        if (build.Result != BuildResult.Success)
            span.SetStatus(ActivityStatusCode.Error);
    }

    private static void Address(OtlpExporterOptions exporter, TelemetryOptions options)
    {
        if (options.OtlpEndpoint.Length == 0)
            return;
        var address = new UriBuilder(options.OtlpEndpoint);
        if (address.Path.TrimEnd('/').Length == 0)
            address.Path = "/v1/traces";
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = address.Uri;
    }
}
