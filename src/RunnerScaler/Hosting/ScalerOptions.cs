using RunnerScaler.Control.Work;
using RunnerScaler.GitHub;
using RunnerScaler.Kubernetes;
using RunnerScaler.Telemetry;
using RunnerScaler.Web;

namespace RunnerScaler.Hosting;

/// <summary>All options, by section; each one stands in <c>docs/configuration.md</c>.</summary>
internal sealed class ScalerOptions
{
    /// <summary>The section of the configuration that holds them all.</summary>
    public const string Root = "RunnerScaler";

    public ProcessOptions Process { get; } = new();

    public KubernetesOptions Kubernetes { get; } = new();

    public GitHubOptions GitHub { get; } = new();

    public WebOptions Web { get; } = new();

    public ControlOptions Control { get; } = new();

    public TelemetryOptions Telemetry { get; } = new();

    public IReadOnlyList<OptionSection> Sections =>
    [
        OptionSection.Of(nameof(Process), Process),
        OptionSection.Of(nameof(Kubernetes), Kubernetes),
        OptionSection.Of(nameof(GitHub), GitHub),
        OptionSection.Of(nameof(Web), Web),
        OptionSection.Of(nameof(Control), Control),
        OptionSection.Of(nameof(Telemetry), Telemetry),
    ];

    /// <summary>Takes what can be read; <see cref="OptionRules"/> tells of the rest.</summary>
    public static ScalerOptions Read(IConfiguration configuration)
    {
        var options = new ScalerOptions();
        options.Fill(configuration);
        return options;
    }

    /// <inheritdoc cref="Read"/>
    public void Fill(IConfiguration configuration) => OptionReader.Read(configuration.GetSection(Root), Sections);
}
