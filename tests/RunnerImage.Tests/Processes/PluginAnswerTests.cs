namespace RunnerImage.Tests.Processes;

/// <summary>Docker's CLI asks a plugin what it is before each command; buildx is started for that once.</summary>
public sealed class PluginAnswerTests
{
    private const string Question = "docker-cli-plugin-metadata";

    [Fact]
    public async Task AProgramIsAskedOnce()
    {
        using var image = new PodImage(Saying("1"));

        var first = await image.RunAsync("docker-buildx", Question);
        var second = await image.RunAsync("docker-buildx", Question);

        Assert.Equal((0, "{\"Version\":\"1\"}\n"), (first.Code, first.Output));
        Assert.Equal((0, first.Output), (second.Code, second.Output));
        Assert.Equal("x\n", image.Read("asked"));
    }

    [Fact]
    public async Task AnotherProgramIsAskedAnew()
    {
        using var image = new PodImage(Saying("1"));
        await image.RunAsync("docker-buildx", Question);

        image.Script("home/.docker/cli-plugins/docker-buildx", Saying("other"));

        Assert.Equal("{\"Version\":\"other\"}\n", (await image.RunAsync("docker-buildx", Question)).Output);
        image.Script("home/.docker/cli-plugins/docker-buildx", Saying("newer, in the same place"));
        Assert.Equal("{\"Version\":\"newer, in the same place\"}\n",
            (await image.RunAsync("docker-buildx", Question)).Output);
    }

    [Fact]
    public async Task AProgramThatFailsSaysSoItself()
    {
        using var image = new PodImage("echo broken >&2; exit 3");

        var ran = await image.RunAsync("docker-buildx", Question);

        Assert.Equal((3, "broken\n"), (ran.Code, ran.Error));
        Assert.Empty(Directory.EnumerateFiles(image.In("state"), "plugin-*"));
    }

    [Fact]
    public async Task WhereNothingCanBeKeptTheProgramAnswers()
    {
        using var image = new PodImage(Saying("1"));
        Directory.Delete(image.In("state"));
        await File.WriteAllTextAsync(image.In("state"), "", TestContext.Current.CancellationToken);

        Assert.Equal("{\"Version\":\"1\"}\n", (await image.RunAsync("docker-buildx", Question)).Output);
    }

    private static string Saying(string version) =>
        $$"""echo x >>"$OUT/asked"; echo '{"Version":"{{version}}"}'""";
}
