using System.Text.Json;
using RunnerImage.Builders;
using RunnerImage.Entrypoint;
using RunnerImage.Hooks;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Hooks;

/// <summary>The hooks in a folder of their own.</summary>
public sealed class HookTests : IDisposable
{
    private const string ForkEvent =
        """{"pull_request":{"head":{"repo":{"full_name":"evil/r"}},"base":{"repo":{"full_name":"o/r"}}}}""";

    private readonly string root = Directory.CreateTempSubdirectory("hooks").FullName;
    private readonly StringWriter output = new();
    private readonly Dictionary<string, string> variables;

    public HookTests() => variables = new()
    {
        ["HOME"] = root,
        [PodVariables.StateFolder] = root,
        ["GITHUB_REPOSITORY"] = "o/r",
        ["GITHUB_RUN_ID"] = "42",
        ["GITHUB_EVENT_NAME"] = "push",
        ["GITHUB_EVENT_PATH"] = Path.Combine(root, "event.json"),
    };

    public void Dispose()
    {
        output.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task TheBeginningOfAJobIsNoted()
    {
        Assert.Equal(0, await StartAsync("{}"));

        using var job = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, JobFile.FileName)));
        Assert.Equal("o/r", job.RootElement.GetProperty("repository").GetString());
        Assert.Equal(42, job.RootElement.GetProperty("runId").GetInt64());
        Assert.False(job.RootElement.GetProperty("fork").GetBoolean());
        Assert.True(job.RootElement.GetProperty("startedAt").TryGetDateTimeOffset(out _));
        Assert.Empty(output.ToString());
    }

    [Theory]
    [InlineData("pull_request", null, 1)]
    [InlineData("pull_request_target", "Refuse", 1)]
    [InlineData("pull_request", "allow", 1)]
    [InlineData("pull_request", "Allow", 0)]
    [InlineData("push", null, 0)]
    public async Task AForkDoesNotReachASharedDaemon(string eventName, string? forks, int code)
    {
        variables[PodVariables.BuilderMode] = nameof(BuilderMode.Shared);
        variables[PodVariables.BuilderAddresses] = "unix:///nowhere";
        variables["GITHUB_EVENT_NAME"] = eventName;
        if (forks is not null)
            variables[PodVariables.BuilderForks] = forks;

        Assert.Equal(code, await StartAsync(ForkEvent));

        Assert.Equal(code == 1, output.ToString().StartsWith("::error::", StringComparison.Ordinal));
        Assert.Equal(code == 0, File.Exists(BuilderEntry.PathIn(Path.Combine(root, ".docker/buildx"))));
        Assert.True(File.Exists(Path.Combine(root, JobFile.FileName)));
    }

    [Fact]
    public async Task AForkMayUseTheSidecarOfItsOwn()
    {
        variables[PodVariables.BuilderMode] = nameof(BuilderMode.Sidecar);
        variables["GITHUB_EVENT_NAME"] = "pull_request";
        new BuilderState(BuilderState.Failed, "unix:///nowhere", "the node is full").Write(root);
        variables[PodVariables.BuilderAddresses] = "unix:///nowhere";

        Assert.Equal(0, await StartAsync(ForkEvent));

        Assert.Equal("::warning::BuildKit does not answer, so builds will fail: the node is full.\n",
            output.ToString());
        Assert.Contains("\"fork\":true", File.ReadAllText(Path.Combine(root, JobFile.FileName)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASharedDaemonIsEnteredWithItsCertificate()
    {
        variables[PodVariables.BuilderMode] = nameof(BuilderMode.Shared);
        variables[PodVariables.BuilderAddresses] = "tcp://localhost:1,";
        variables[PodVariables.BuilderTls] = "/tls";

        Assert.Equal(0, await StartAsync("not json"));

        var entry = File.ReadAllText(BuilderEntry.PathIn(Path.Combine(root, ".docker/buildx")));
        string[] parts = ["tcp://localhost:1\"", "/tls/ca.crt", "/tls/tls.crt", "/tls/tls.key", "\"localhost\""];
        foreach (var part in parts)
            Assert.Contains(part, entry, StringComparison.Ordinal);
        Assert.StartsWith("::warning::BuildKit does not answer", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStateFolderThatCannotBeWrittenFailsNoJob()
    {
        variables[PodVariables.StateFolder] = "/proc/nothing";

        Assert.Equal(0, await StartAsync("{}"));
        Assert.Equal(0, new JobCompleted(Pod, output, TimeProvider.System).Run());

        Assert.Contains("cannot be written", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void TheEndOfAJobIsNotedWithItsBuilds()
    {
        var builds = Directory.CreateDirectory(Path.Combine(root, StateFolder.BuildsFolder)).FullName;
        File.WriteAllText(Path.Combine(builds, "1.json"),
            """{"command":"build","result":"success","seconds":12.34,"steps":9,"cachedSteps":4}""");

        Assert.Equal(0, new JobCompleted(Pod, output, TimeProvider.System).Run());

        Assert.Equal("This job ran one build:\n  build: success after 12.3 s, 4 of 9 steps from the cache\n",
            output.ToString());
        Assert.True(File.Exists(Path.Combine(root, JobCompleted.Marker)));
    }

    [Fact]
    public void AJobWithoutBuildsEndsInSilence() => Assert.Empty(JobCompleted.Summary([]));

    [Fact]
    public void BuildsWithUnknownStepsAreSummedUpToo() => Assert.Equal(
        ["This job ran 2 builds:", "  bake: failure after 1.0 s", "  build: canceled after 0.0 s"],
        JobCompleted.Summary(
        [
            new(BuildCommand.Bake, BuildResult.Failure, TimeSpan.FromSeconds(1), null, null),
            new(BuildCommand.Build, BuildResult.Canceled, TimeSpan.Zero, 3, null),
        ]));

    private JobPod Pod => new(name => variables.GetValueOrDefault(name));

    private Task<int> StartAsync(string payload)
    {
        File.WriteAllText(variables["GITHUB_EVENT_PATH"], payload);
        return new JobStarted(Pod, output, TimeProvider.System).RunAsync();
    }
}
