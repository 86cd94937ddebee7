using RunnerImage.Builders;

namespace RunnerImage.Tests.Image;

/// <summary>The runner's image, built from <c>Dockerfile.runner</c> and run.</summary>
[Collection<ImageGroup>]
[Trait("Category", "Image")]
public sealed class RunnerImageTests(ImageFixture images)
{
    private const string Token = "the-token-of-this-pod";

    [Fact]
    public async Task WhatIsAddedHasItsPlace()
    {
        ImageFixture.SkipIfImpossible();
        var (_, root) = await images.Buildah.MountAsync(ImageFixture.Runner);

        string[] expected =
        [
            "755 0 /opt/runnerscaler/bin/runnerscaler-pod",
            "-> /opt/runnerscaler/bin/runnerscaler-pod /opt/runnerscaler/bin/runnerscaler-entrypoint",
            "-> /opt/runnerscaler/bin/runnerscaler-pod /opt/runnerscaler/bin/docker",
            "-> /opt/runnerscaler/bin/runnerscaler-pod /opt/runnerscaler/cli-plugins/docker-buildx",
            "-> /opt/runnerscaler/bin/runnerscaler-pod /usr/local/lib/docker/cli-plugins/docker-buildx",
            "755 0 /opt/runnerscaler/real/docker-buildx",
            "755 0 /opt/runnerscaler/hooks/job-started.sh",
            "755 0 /opt/runnerscaler/hooks/job-completed.sh",
            "755 0 /opt/runnerscaler/actions/actions_checkout/1111111111111111111111111111111111111111.tar.gz",
            "755 0 /usr/local/bin/tini",
            "755 0 /usr/local/bin/kubectl",
            "755 0 /usr/bin/docker",
            "600 1001 /home/runner/.docker/config.json",
            "600 1001 /home/runner/.docker/buildx/instances/runnerscaler",
            "700 1001 /run/runnerscaler",
        ];
        Assert.Equal(expected, await FoundAsync(root, expected.Select(e => e.Split(' ')[^1])));
        Assert.Contains("the real buildx", File.ReadAllText(root + "/opt/runnerscaler/real/docker-buildx"));
        Assert.All(["dockerd", "containerd", "containerd-shim-runc-v2", "ctr", "runc", "docker-init", "docker-proxy"],
            engine => Assert.False(File.Exists($"{root}/usr/bin/{engine}"), engine));
    }

    [Fact]
    public async Task ItAddsLittleToItsBase()
    {
        ImageFixture.SkipIfImpossible();
        var added = await images.Buildah.SizeAsync(ImageFixture.Runner)
            - await images.Buildah.SizeAsync(images.RunnerBase);
        TestContext.Current.TestOutputHelper?.WriteLine($"the program, tini and links add {added} bytes");

        // Besides kubectl and buildx, which are small stand-ins here.
        Assert.InRange(added, 1_000_000, 10_000_000);
    }

    [Fact]
    public async Task ItSaysHowItIsStartedAndWhatItIs()
    {
        ImageFixture.SkipIfImpossible();
        var config = await images.Buildah.InspectAsync(ImageFixture.Runner);

        Assert.Equal("1001:1001", config.User);
        Assert.Equal(["tini", "--", "/opt/runnerscaler/bin/runnerscaler-entrypoint"], config.Command);
        Assert.Contains("BUILDX_BUILDER=" + BuilderEntry.Name, config.Environment);
        Assert.Contains("ACTIONS_RUNNER_PRINT_LOG_TO_STDOUT=", config.Environment);
        Assert.Contains("BUILDX_CONFIG=/home/runner/.docker/buildx", config.Environment);
        Assert.StartsWith("PATH=/opt/runnerscaler/bin:", config.Environment.Single(v => v.StartsWith("PATH=")));
        Assert.Equal("1.2.3", config.Labels["org.opencontainers.image.version"]);
        Assert.Equal(images.RunnerBase, config.Labels["org.opencontainers.image.base.name"]);
    }

    [Fact]
    public async Task AWrongDownloadIsNotUsed()
    {
        ImageFixture.SkipIfImpossible();
        var wrong = images.RunnerArguments.Append($"KUBECTL_SHA256_AMD64={new string('0', 64)}").ToArray();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => images.Buildah.BuildAsync("localhost/wrong", "Dockerfile.runner", wrong));

        Assert.Contains("/kubectl is not what was expected", failure.Message);
    }

    [Fact]
    public async Task ARunnerThatGitHubRefusesIsNotBuiltOn()
    {
        ImageFixture.SkipIfImpossible();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => images.Buildah.BuildAsync(
            "localhost/old", "Dockerfile.runner", [.. images.RunnerArguments, "OLDEST_RUNNER=2.400.0"]));

        Assert.True(failure.Message.Contains("GitHub refuses runner 2.338.0; move RUNNER_IMAGE"), failure.Message);
    }

    [Fact]
    public async Task ItClaimsAndRunsOneJob()
    {
        ImageFixture.SkipIfImpossible();
        await using var pod = await RunnerPod.StartAsync(images, grant: true, Token);
        await pod.Container.PrintsAsync("listener: running job");
        await pod.EndJobAsync();

        Assert.Equal(0, await pod.Container.EndsAsync());
        Assert.Contains("listener: started as 1001 with: run", pod.Container.Output);
        Assert.Contains("listener: settings 600 1001", pod.Container.Output);
        Assert.Contains("listener: builder none, job folder /home/runner", pod.Container.Output);
        Assert.DoesNotContain("was not removed", pod.Container.Output);
        Assert.DoesNotContain(Token, pod.Container.Output);
        Assert.Equal([$"Bearer {Token}"], pod.Stand.Tokens);
        var message = pod.Message();
        Assert.True(message.GetProperty("ranJob").GetBoolean());
        Assert.Equal("JobSucceeded", message.GetProperty("outcome").GetString());
        TestContext.Current.TestOutputHelper?.WriteLine($"{message}");
    }

    [Fact]
    public async Task InStandbyItEndsAtOnceWhenAsked()
    {
        ImageFixture.SkipIfImpossible();
        await using var pod = await RunnerPod.StartAsync(images, grant: false, Token);
        await pod.ClaimsAsync();
        await pod.Container.SignalAsync("TERM");

        Assert.Equal(0, await pod.Container.EndsAsync());
        Assert.False(pod.Message().GetProperty("ranJob").GetBoolean());
        Assert.DoesNotContain("listener: started", pod.Container.Output);
    }

    [Fact]
    public async Task WithAJobItLetsTheRunnerEndWhenAsked()
    {
        ImageFixture.SkipIfImpossible();
        await using var pod = await RunnerPod.StartAsync(
            images, grant: true, Token, ("RUNNERSCALER_GRACE_SECONDS", "5"));
        await pod.Container.PrintsAsync("listener: running job");
        await pod.Container.SignalAsync("TERM");
        await pod.Container.EndsAsync();

        Assert.Contains("listener: told to stop", pod.Container.Output);
        Assert.True(pod.Message().GetProperty("ranJob").GetBoolean());
        Assert.Equal("JobCanceled", pod.Message().GetProperty("outcome").GetString());
        TestContext.Current.TestOutputHelper?.WriteLine($"{pod.Message()}");
    }

    [Fact]
    public void TheBuilderThatTheImageBringsIsTheOneThatTheProgramWrites() => Assert.Equal(
        BuilderEntry.Content("unix:///run/buildkit/buildkitd.sock"),
        File.ReadAllBytes(Source.Path("deploy/images/runner/docker/buildx/instances/runnerscaler")));

    /// <summary>Where links lead, or else the mode and owner, as the image sees it.</summary>
    private static async Task<string[]> FoundAsync(string root, IEnumerable<string> places)
    {
        List<string> found = [];
        foreach (var place in places)
        {
            var target = (await Tool.RunAsync("chroot", root, "/usr/bin/readlink", "-f", place)).Trim();
            found.Add(File.ResolveLinkTarget(root + place, returnFinalTarget: false) is not null
                ? $"-> {target} {place}"
                : (await Tool.RunAsync("chroot", root, "/usr/bin/stat", "-c", "%a %u %n", place)).Trim());
        }

        return [.. found];
    }
}
