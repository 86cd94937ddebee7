using RunnerImage.Entrypoint;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Entrypoint;

public sealed class PodSettingsTests
{
    [Fact]
    public void LittleIsNeeded()
    {
        var (settings, problem) = Read(("RUNNERSCALER_TOKEN_FILE", "/token"));
        Assert.Null(problem);
        Assert.Equal(BuilderMode.None, settings!.Builder);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.Grace);
        Assert.Equal(0, settings.MetricsPort);
        Assert.Equal("/run/runnerscaler", settings.StateFolder);
    }

    [Theory]
    [InlineData("RUNNERSCALER_BUILDER_MODE", "sidecar")]
    [InlineData("RUNNERSCALER_BUILDER_MODE", "Both")]
    [InlineData("RUNNERSCALER_GRACE_SECONDS", "1m")]
    [InlineData("RUNNERSCALER_GRACE_SECONDS", "-1")]
    [InlineData("RUNNERSCALER_GRACE_SECONDS", "99999999999")]
    [InlineData("RUNNERSCALER_METRICS_PORT", "65536")]
    [InlineData("RUNNERSCALER_METRICS_PORT", "http")]
    [InlineData("RUNNERSCALER_BUILDER_WAIT_SECONDS", "soon")]
    [InlineData("RUNNERSCALER_TOKEN_FILE", "")]
    public void AValueThatMeansNothingIsNamed(string name, string value)
    {
        var (settings, problem) = Read(("RUNNERSCALER_TOKEN_FILE", "/token"), (name, value));
        Assert.Null(settings);
        Assert.Contains(name, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ASidecarNeedsItsAddress()
    {
        var (_, problem) = Read(("RUNNERSCALER_TOKEN_FILE", "/token"), ("RUNNERSCALER_BUILDER_MODE", "Sidecar"));
        Assert.Contains("RUNNERSCALER_BUILDER_ADDRESSES", problem, StringComparison.Ordinal);
    }

    private static (PodSettings? Settings, string? Problem) Read(params (string Name, string Value)[] variables)
    {
        var all = new Dictionary<string, string>();
        foreach (var (name, value) in variables)
            all[name] = value;
        return PodSettings.Read(n => all.GetValueOrDefault(n));
    }
}
