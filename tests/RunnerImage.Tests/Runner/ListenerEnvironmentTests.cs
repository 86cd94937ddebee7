using RunnerImage.Runner;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Runner;

public sealed class ListenerEnvironmentTests
{
    [Theory]
    [InlineData("RUNNERSCALER_CLAIM_URL", false)]
    [InlineData("RUNNERSCALER_CLAIM_CA", false)]
    [InlineData("RUNNERSCALER_TOKEN_FILE", false)]
    [InlineData("RUNNERSCALER_REGISTRY_AUTH", false)]
    [InlineData("RUNNERSCALER_GRACE_SECONDS", false)]
    [InlineData("RUNNERSCALER_METRICS_PORT", false)]
    [InlineData("RUNNERSCALER_SOMETHING_NEW", false)]
    [InlineData("ACTIONS_RUNNER_INPUT_JITCONFIG", false)]
    [InlineData("actions_runner_input_token", false)]
    [InlineData("RUNNERSCALER_BUILDER_MODE", true)]
    [InlineData("RUNNERSCALER_BUILDER_ADDRESSES", true)]
    [InlineData("RUNNERSCALER_BUILDER_PROFILE", true)]
    [InlineData("RUNNERSCALER_BUILDER_TLS", true)]
    [InlineData("RUNNERSCALER_BUILDER_FORKS", true)]
    [InlineData("RUNNERSCALER_STATE", true)]
    [InlineData("ACTIONS_RUNNER_HOOK_JOB_STARTED", true)]
    [InlineData("PATH", true)]
    [InlineData("KUBECONFIG", true)]
    public void OnlyWhatJobsNeedIsPassedOn(string name, bool passes) =>
        Assert.Equal(passes, For(BuilderMode.Sidecar, name).ContainsKey(name));

    [Theory]
    [InlineData(nameof(BuilderMode.None), false)]
    [InlineData(nameof(BuilderMode.Sidecar), true)]
    [InlineData(nameof(BuilderMode.Shared), true)]
    public void BuildxIsToldOfABuilderOnlyIfThereIsOne(string mode, bool told)
    {
        var builder = Enum.Parse<BuilderMode>(mode);
        Assert.Equal(told, For(builder, "BUILDX_BUILDER").ContainsKey("BUILDX_BUILDER"));
        Assert.Equal(told, For(builder, "PATH").ContainsKey("BUILDX_BUILDER"));
    }

    [Fact]
    public void TheRunnerTellsByItsCodeHowTheJobWent()
    {
        var environment = For(BuilderMode.None, "PATH");
        Assert.Equal("true", environment["ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED"]);
        Assert.Equal("1", environment["ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE"]);
    }

    private static Dictionary<string, string> For(BuilderMode mode, string name) =>
        ListenerEnvironment.For([new(name, "value")], mode);
}
