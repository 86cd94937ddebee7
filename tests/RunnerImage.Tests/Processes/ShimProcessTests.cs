using RunnerImage.Builders;
using RunnerImage.Posix;
using RunnerImage.Tests.Builders;
using RunnerImage.Tests.Claims;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Processes;

/// <summary>The program itself under the name <c>docker-buildx</c>, with a script in the place of buildx.</summary>
public sealed class ShimProcessTests
{
    private const string Record = """
        printf '<%s>' "$@" > "$OUT/argv"
        env > "$OUT/env"
        """;

    [Fact]
    public async Task OtherCommandsBecomeTheRealProgram()
    {
        using var image = new PodImage($"{Record}\necho $$; cat; echo trouble >&2; exit 7");
        using var shim = image.Start(image.Program, "docker-buildx", "buildx", "ls", "", "a b", "ü\n*", "--", "$HOME");
        var pid = shim.Id;

        var ran = await PodImage.EndAsync(shim, "from stdin");

        Assert.Equal(7, ran.Code);
        Assert.Equal($"{pid}\nfrom stdin", ran.Output);
        Assert.Equal("trouble\n", ran.Error);
        Assert.Equal("<buildx><ls><><a b><ü\n*><--><$HOME>", image.Read("argv"));
        Assert.Contains("RUNNERSCALER_BUILDER_MODE=Sidecar", image.Read("env"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ArgumentsThatAreNoTextArriveAsTheyAre()
    {
        using var image = new PodImage(Record);
        const string command = "exec \"$0\" docker-buildx buildx ls $'\\xff' $'a\\xfe\\xfe' ü $'\\xff'";
        var shell = image.Start("/bin/bash", "-c", command, image.Program);

        Assert.Equal(0, (await PodImage.EndAsync(shell)).Code);
        Assert.Equal(
            [0xff, .. "><a"u8, 0xfe, 0xfe, .. "><ü><"u8, 0xff, (byte)'>'],
            File.ReadAllBytes(image.In("argv")).Skip("<buildx><ls><".Length));
    }

    [Fact]
    public async Task SignalsAreHandledAsWithoutTheShim()
    {
        // The program that runs the tests ignores SIGPIPE; those that start docker do not.
        const string asUsual = "--default-signal=PIPE";
        using var image = new PodImage("grep -E '^Sig(Ign|Blk)' /proc/self/status").Listening();
        string[] build = ["docker-buildx", "buildx", "build", "."];

        var direct = await PodImage.EndAsync(image.Start("/usr/bin/env", asUsual, image.In("real/docker-buildx")));
        var passed = await PodImage.EndAsync(
            image.Start("/usr/bin/env", asUsual, image.Program, "docker-buildx", "buildx", "ls"));
        var noted = await PodImage.EndAsync(image.Start("/usr/bin/env", [asUsual, image.Program, .. build]));

        Assert.Equal(Signals(direct.Output), Signals(passed.Output));
        Assert.Equal(Signals(direct.Output), Signals(noted.Output));
    }

    /// <summary>
    /// Without 32 and above: the C library keeps some for itself, and starts children with them ignored.
    /// </summary>
    private static IEnumerable<string> Signals(string status) => status.TrimEnd().Split('\n').Select(line =>
        line.Split('\t') is [var name, var mask]
            ? $"{name}{Convert.ToUInt64(mask, 16) & 0x7fffffff:x}"
            : line);

    [Fact]
    public async Task CreateIsRewrittenAndWhatIsLeftOutIsSaidOnce()
    {
        using var image = new PodImage($"{Record}\necho the-name");

        var first = await image.RunAsync("docker-buildx", "buildx", "create", "--driver-opt", "image=x", "--name", "n");
        var second = await image.RunAsync("docker-buildx", "buildx", "create", "--driver-opt=image=x", "--name", "m");

        Assert.Equal((0, "the-name\n"), (first.Code, first.Output));
        Assert.StartsWith("::notice::", first.Error, StringComparison.Ordinal);
        Assert.Empty(second.Error);
        Assert.Equal($"<buildx><create><--driver=remote><unix://{image.In("buildkitd.sock")}><--name><m>",
            image.Read("argv"));
    }

    [Fact]
    public async Task ADriverOfDockersIsRefusedWithoutACall()
    {
        using var image = new PodImage(Record).Listening();

        var ran = await image.RunAsync("docker-buildx", "buildx", "build", "--builder", "default", ".");

        Assert.Equal((1, "", ""), (ran.Code, ran.Output, image.Read("argv")));
        Assert.StartsWith("::error::", ran.Error, StringComparison.Ordinal);
        Assert.Single(ran.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task AnActionOfDockersIsLeftToReportTheError()
    {
        using var image = new PodImage(Record).Listening();
        image.Variables[DockersActions.Variable] = "docker/build-push-action";

        var ran = await image.RunAsync("docker-buildx", "buildx", "build", "--builder", "default", ".");

        Assert.Equal(1, ran.Code);
        Assert.StartsWith("ERROR: The builder", ran.Error, StringComparison.Ordinal);
        Assert.Single(ran.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task WhatTheJobChoseWinsOverTheImagesVariable()
    {
        using var image = new PodImage(Record);
        var instances = Directory.CreateDirectory(image.In("home/.docker/buildx/instances")).FullName;
        File.WriteAllText(Path.Combine(instances, "own"), """{"Nodes":[{"Endpoint":"tcp://own:1234"}]}""");
        File.WriteAllText(image.In("home/.docker/buildx/current"), """{"Key":"x","Name":"own","Global":false}""");

        await image.RunAsync("docker-buildx", "buildx", "build", ".");
        Assert.Contains("BUILDX_BUILDER=own\n", image.Read("env"), StringComparison.Ordinal);
        await image.RunAsync("docker-buildx", "buildx", "ls");
        Assert.Contains("BUILDX_BUILDER=own\n", image.Read("env"), StringComparison.Ordinal);
        File.Delete(Path.Combine(instances, "own"));
        await image.RunAsync("docker-buildx", "buildx", "ls");
        Assert.Contains("BUILDX_BUILDER=runnerscaler\n", image.Read("env"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutABuilderAllIsPassedOn()
    {
        using var image = new PodImage($"{Record}\necho $$");
        image.Variables[PodVariables.BuilderMode] = nameof(BuilderMode.None);
        using var shim = image.Start(image.Program, "docker-buildx", "buildx", "build", "--load", ".");
        var pid = shim.Id;

        var ran = await PodImage.EndAsync(shim);

        Assert.Equal(new(0, $"{pid}\n", ""), ran);
        Assert.Equal("<buildx><build><--load><.>", image.Read("argv"));
        Assert.Empty(image.Notes());
    }

    [Fact]
    public async Task ADownloadedBuildxIsUsedButNeverTheShimItself()
    {
        using var image = new PodImage("echo image");
        image.Script("home/.docker/cli-plugins/docker-buildx", "echo download");

        Assert.Equal("download\n", (await image.RunAsync("docker-buildx", "buildx", "ls")).Output);
        File.Delete(image.In("home/.docker/cli-plugins/docker-buildx"));
        File.CreateSymbolicLink(image.In("home/.docker/cli-plugins/docker-buildx"), image.Program);
        Assert.Equal("image\n", (await image.RunAsync("docker-buildx", "buildx", "ls")).Output);
        File.Delete(image.In("home/.docker/cli-plugins/docker-buildx"));
        Directory.CreateDirectory(image.In("home/.docker/cli-plugins/docker-buildx"));
        Assert.Equal("image\n", (await image.RunAsync("docker-buildx", "buildx", "ls")).Output);
    }

    [Fact]
    public async Task ABuildxThatCannotBeStartedIsSaid()
    {
        using var image = new PodImage();
        File.Delete(image.In("real/docker-buildx"));

        var ran = await image.RunAsync("docker-buildx", "buildx", "ls");

        Assert.Equal(126, ran.Code);
        Assert.Contains("cannot be started", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheBuilderIsPutIntoAnotherConfigurationToo()
    {
        using var image = new PodImage(Record);

        await image.RunAsync("docker-buildx", "--config", image.In("other"), "buildx", "ls");

        Assert.Contains($"unix://{image.In("buildkitd.sock")}", image.Read("other/buildx/instances/runnerscaler"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("build", ".")]
    [InlineData("bake")]
    [InlineData("inspect", "--bootstrap")]
    [InlineData("du")]
    [InlineData("prune", "-f")]
    [InlineData("create", "--bootstrap")]
    public async Task ABuilderThatFailedIsExplainedAtOnce(params string[] command)
    {
        using var image = new PodImage(Record);
        new BuilderState(BuilderState.Failed, $"unix://{image.In("buildkitd.sock")}", "the node is full.").Write(
            image.In("state"));

        var ran = await image.RunAsync(["docker-buildx", "buildx", .. command]);

        Assert.Equal((1, "", ""), (ran.Code, ran.Output, image.Read("argv")));
        Assert.Equal("::error::BuildKit does not answer: the node is full.\n", ran.Error);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("inspect")]
    [InlineData("ls")]
    [InlineData("build", "--builder", "other", ".")]
    public async Task WhatNeedsNoDaemonOfOursDoesNotWaitForIt(params string[] command)
    {
        using var image = new PodImage("echo ran");

        Assert.Equal("ran\n", (await image.RunAsync(["docker-buildx", "buildx", .. command])).Output);
    }

    /// <summary>
    /// The check of a shared daemon reads none of the system's certificates; buildx asks registries with them.
    /// </summary>
    [Theory]
    [InlineData("SSL_CERT_DIR=/a:/b", "SSL_CERT_FILE=/c")]
    [InlineData("SSL_CERT_FILE=/c")]
    [InlineData]
    public async Task TheSystemsCertificatesAreLeftToBuildx(params string[] variables)
    {
        var authority = new TestAuthority();
        await using var daemon = await SharedDaemon.StartAsync(authority, authority);
        using var image = new PodImage(Record);
        authority.WriteClient(Directory.CreateDirectory(image.In("tls")).FullName, TimeSpan.FromMinutes(20));
        image.Variables[PodVariables.BuilderMode] = nameof(BuilderMode.Shared);
        image.Variables[PodVariables.BuilderAddresses] = daemon.Address;
        image.Variables[PodVariables.BuilderTls] = image.In("tls");
        foreach (var variable in variables)
            image.Variables[variable.Split('=')[0]] = variable.Split('=')[1];

        foreach (string[] command in (string[][])[["build", "."], ["du"]])
        {
            Assert.Equal(new(0, "", ""), await image.RunAsync(["docker-buildx", "buildx", .. command]));
            Assert.Equal(variables, image.Read("env").Split('\n')
                .Where(v => v.StartsWith("SSL_", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task AnInputThatEndsEarlyEndsTheProgramAsUsual()
    {
        using var image = new PodImage("yes");
        const string command = "\"$0\" docker-buildx buildx ls | head -1; echo ${PIPESTATUS[0]}";
        var shell = image.Start(
            "/usr/bin/env", "--default-signal=PIPE", "/bin/bash", "-c", command, image.Program);

        Assert.Equal("y\n141\n", (await PodImage.EndAsync(shell)).Output);
    }

    [Fact]
    public void AChildWithoutItsParentDoesNotBegin()
    {
        using var error = new StringWriter();

        Assert.Equal(126, ChildLauncher.Run(["1", "", "0", "/bin/true"], error));
        Assert.Equal(126, ChildLauncher.Run(["x"], error));
        Assert.Equal(126, ChildLauncher.Run(["1", "", "-1", "/bin/true"], error));
        Assert.Equal(126, ChildLauncher.Run(["1", "", "99", "/bin/true"], error));
    }
}
