using System.Text.Json;
using RunnerImage.Builders;
using RunnerImage.Posix;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Processes;

/// <summary>Builds as children of the program: nobody notices, but a note is left.</summary>
public sealed class BuildProcessTests
{
    /// <summary>A buildx that writes metadata as the real one, and knows the record of a build.</summary>
    private const string Buildx = """
        case "$*" in
        *"history inspect --builder runnerscaler --format {{.NumTotalSteps}} {{.NumCachedSteps}} id"*)
          echo "9 4"; exit 0;;
        *--print*) exit 0;;
        esac
        printf '<%s>' "$@" > "$OUT/argv"
        echo "$BUILDX_METADATA_PROVENANCE" > "$OUT/provenance"
        for a; do case "$a" in --metadata-file=*) file="${a#*=}";; esac; done
        echo '{"buildx.build.ref":"runnerscaler/runnerscaler0/id1"}' > "$file"
        """;

    /// <summary>Waits in a way that a trap ends at once, and that holds no stream open.</summary>
    private const string Wait = "sleep 1000 <&- >&- 2>&- & wait";

    [Fact]
    public async Task ABuildIsNotedWithItsSteps()
    {
        using var image = new PodImage(Buildx).Listening();

        Assert.Equal(new(0, "", ""), await image.RunAsync("docker-buildx", "buildx", "build", "--push", "."));

        var note = Note(image);
        Assert.Equal((BuildCommand.Build, BuildResult.Success), (note.Command, note.Result));
        Assert.Equal((9, 4), (note.Steps, note.CachedSteps));
        Assert.InRange(note.Time.TotalSeconds, 0, 60);
        Assert.Matches("^<buildx><build><--metadata-file=[^>]*><--push><.>$", image.Read("argv"));
        Assert.Equal("disabled\n", image.Read("provenance"));
        Assert.Empty(Directory.EnumerateFiles(image.In("state"), "metadata*"));
    }

    [Fact]
    public async Task StepsOfAllTargetsOfABakeAreSummed()
    {
        using var image = new PodImage(Buildx.Replace(
            """{"buildx.build.ref":"runnerscaler/runnerscaler0/id1"}""",
            """{"a":{"buildx.build.ref":"runnerscaler/n/id1"},"b":{"buildx.build.ref":"runnerscaler/n/id2"},"w":[1]}""",
            StringComparison.Ordinal)).Listening();

        await image.RunAsync("docker-buildx", "buildx", "bake");

        var note = Note(image);
        Assert.Equal((BuildCommand.Bake, 18, 8), (note.Command, note.Steps, note.CachedSteps));
    }

    [Fact]
    public async Task AMetadataFileOfTheUsersOwnStaysTheirs()
    {
        using var image = new PodImage(Buildx).Listening();

        await image.RunAsync("docker-buildx", "buildx", "build", $"--metadata-file={image.In("own.json")}", ".");

        Assert.Equal(9, Note(image).Steps);
        Assert.Equal($"<buildx><build><--metadata-file={image.In("own.json")}><.>", image.Read("argv"));
        Assert.Equal("\n", image.Read("provenance"));
        Assert.StartsWith("{\"buildx", image.Read("own.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEmptyNameOfAMetadataFileLeavesANoteAllTheSame()
    {
        using var image = new PodImage("").Listening();

        Assert.Equal(0, (await image.RunAsync("docker-buildx", "buildx", "build", "--metadata-file=", ".")).Code);

        Assert.Equal((BuildResult.Success, null), (Note(image).Result, Note(image).Steps));
    }

    [Fact]
    public async Task ADaemonThatEndedDuringTheBuildIsSaid()
    {
        using var image = new PodImage("rm \"$OUT/buildkitd.sock\"; exit 1").Listening();

        var ran = await image.RunAsync("docker-buildx", "buildx", "build", ".");

        Assert.Equal((1, BuildResult.Failure), (ran.Code, Note(image).Result));
        Assert.StartsWith("::error::BuildKit ended during the build", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStepThatClearedItsEnvironmentStillHasTheBuilder()
    {
        using var image = new PodImage("echo $BUILDX_BUILDER").Listening();
        new BuilderState(BuilderState.Ready, $"unix://{image.In("buildkitd.sock")}", null).Write(image.In("state"));
        foreach (var name in new[] { PodVariables.BuilderMode, PodVariables.BuilderAddresses, BuilderEntry.Variable })
            image.Variables.Remove(name);

        Assert.Equal("runnerscaler\n", (await image.RunAsync("docker-buildx", "buildx", "build", ".")).Output);
        Assert.Contains($"unix://{image.In("buildkitd.sock")}",
            image.Read("home/.docker/buildx/instances/runnerscaler"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 42", 42, nameof(BuildResult.Failure))]
    [InlineData("exit 130", 130, nameof(BuildResult.Canceled))]
    [InlineData("exit 0", 0, nameof(BuildResult.Success))]
    [InlineData("echo nonsense > \"${2#*=}\"", 0, nameof(BuildResult.Success))]
    public async Task TheExitCodeIsTheBuilds(string script, int code, string result)
    {
        using var image = new PodImage(script).Listening();

        Assert.Equal(new(code, "", ""), await image.RunAsync("docker-buildx", "buildx", "build", "."));

        Assert.Equal((Enum.Parse<BuildResult>(result), null), (Note(image).Result, Note(image).Steps));
    }

    [Theory]
    [InlineData(1, "HUP")]
    [InlineData(2, "INT")]
    [InlineData(3, "QUIT")]
    [InlineData(15, "TERM")]
    public async Task SignalsReachTheBuild(int signal, string name)
    {
        using var image = new PodImage($"trap 'kill $!; echo got {name}; exit 9' {name}; echo ready; {Wait}")
            .Listening();
        using var shim = image.Start(image.Program, "docker-buildx", "buildx", "build", ".");
        Assert.Equal("ready", await shim.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        Native.Signal(shim.Id, signal);
        var ran = await PodImage.EndAsync(shim);

        Assert.Equal((9, $"got {name}\n"), (ran.Code, ran.Output));
        Assert.Equal(BuildResult.Canceled, Note(image).Result);
    }

    [Fact]
    public async Task ABuildThatDiesOfASignalTakesTheProgramAlong()
    {
        using var image = new PodImage("kill -TERM $$").Listening();
        // Only of a child that died of a signal the shell says so.
        var shell = image.Start("/bin/bash", "-c", "\"$0\" docker-buildx buildx build .; echo $?", image.Program);

        var ran = await PodImage.EndAsync(shell);

        Assert.Equal("143\n", ran.Output);
        Assert.Contains("Terminated", ran.Error, StringComparison.Ordinal);
        Assert.Equal(BuildResult.Canceled, Note(image).Result);
    }

    [Fact]
    public async Task ABuildDoesNotOutliveTheProgram()
    {
        using var image = new PodImage("echo ready; exec sleep 1000").Listening();
        using var shim = image.Start(image.Program, "docker-buildx", "buildx", "build", ".");
        Assert.Equal("ready", await shim.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        Native.Signal(shim.Id, 9);

        // The output ends only when nobody holds it any more.
        Assert.Empty((await PodImage.EndAsync(shim)).Output);
    }

    [Fact]
    public async Task ABuildHasTheTerminal()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "needs script(1) from bsdutils");
        using var image = new PodImage("test -t 0 && test -t 1 && test -t 2 && echo terminal; stty size").Listening();

        var command = $"stty cols 77 rows 33; {image.Program} docker-buildx buildx build .";
        var ran = await PodImage.EndAsync(image.Start("/usr/bin/script", "-qec", command, "/dev/null"));

        Assert.Equal((0, "terminal\r\n33 77\r\n"), (ran.Code, ran.Output));
    }

    [Fact]
    public async Task TheTerminalsInterruptReachesTheBuildOnce()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "needs script(1) from bsdutils");
        using var image = new PodImage($$"""
            trap 'n=$((n+1)); kill $! 2>&-' INT; trap 'echo "got $n"; kill $! 2>&-; exit 9' TERM
            echo ready; until [ "$n" ]; do {{Wait}}; done
            echo again; while :; do {{Wait}}; done
            """).Listening();
        using var script = image.Start(
            "/usr/bin/script", "-qec", $"exec {image.Program} docker-buildx buildx build .", "/dev/null");
        Assert.Equal("ready", await script.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        await script.StandardInput.WriteAsync('\u0003');
        await script.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        var line = await script.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("again", line, StringComparison.Ordinal);
        var shim = int.Parse(await File.ReadAllTextAsync($"/proc/{script.Id}/task/{script.Id}/children",
            TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture);
        Native.Signal(shim, 15);
        var ran = await PodImage.EndAsync(script);

        Assert.Equal((9, "got 1\r\n"), (ran.Code, ran.Output));
    }

    /// <summary>The build may have ended before this process was told of the signal that ended it.</summary>
    [Fact]
    public async Task AnInterruptThatEndsTheBuildAtOnceLeavesItsExitCode()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "needs script(1) from bsdutils");
        using var image = new PodImage($"trap 'exit 9' INT; echo ready; while :; do {Wait}; done").Listening();
        for (var time = 0; time < 20; time++)
        {
            using var script = image.Start(
                "/usr/bin/script", "-qec", $"exec {image.Program} docker-buildx buildx build .", "/dev/null");
            Assert.Equal("ready", await script.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            await script.StandardInput.WriteAsync('\u0003');
            await script.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            Assert.Equal(9, (await PodImage.EndAsync(script)).Code);
        }
    }

    [Fact]
    public async Task ANoteThatCannotBeWrittenDoesNotConcernTheBuild()
    {
        using var image = new PodImage("echo built; exit 5").Listening();
        File.WriteAllText(image.In("state/builds"), "a file where the folder should be");

        Assert.Equal(new(5, "built\n", ""), await image.RunAsync("docker-buildx", "buildx", "build", "."));

        image.Variables["RUNNER_DEBUG"] = "1";
        var loud = await image.RunAsync("docker-buildx", "buildx", "build", ".");
        Assert.Equal((5, "built\n"), (loud.Code, loud.Output));
        Assert.StartsWith("::debug::", loud.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARecordThatNeverComesDoesNotHoldUpTheBuildForLong()
    {
        using var image = new PodImage(Buildx.Replace("echo \"9 4\"", "exec sleep 1000", StringComparison.Ordinal))
            .Listening();

        Assert.Equal(0, (await image.RunAsync("docker-buildx", "buildx", "build", ".")).Code);

        Assert.Null(Note(image).Steps);
    }

    private static Build Note(PodImage image) =>
        Assert.NotNull(Build.Read(JsonDocument.Parse(Assert.Single(image.Notes())).RootElement));
}
