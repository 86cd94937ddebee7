using System.Diagnostics;
using RunnerImage.Tests.Image;
using RunnerImage.Tests.Processes;

namespace RunnerImage.Tests.Images;

/// <summary>
/// Holds the table "Docker's commands one by one" of <c>docs/builds.md</c>: each row is run by the real docker, in a
/// pod of its own that has built an image and has created a container of it.
/// </summary>
[Collection<BuildKitGroup>]
public sealed class CommandTableTests(BuildKitFixture buildKit)
{
    private const string Works = "works";
    private const string Refused = "refused";
    private const int AtOnce = 2;

    [Fact]
    public async Task EachRowIsSo()
    {
        using var template = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();
        await PrepareAsync(template, registry);
        await using var server = await FileServer.StartAsync(template.Image.In("given/files.tgz"));
        var failures = new List<string>();

        await Parallel.ForEachAsync(Rows(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (row, _) =>
        {
            using var pod = await buildKit.OpenAsync();
            await RunAsync("cp", "-a", $"{template.Image.Root}/work", $"{template.Image.Root}/given", pod.Image.Root);
            pod.Image.Variables["REGISTRY"] = registry.Host;
            pod.Image.Variables["SERVER"] = server.Plain;
            pod.Image.Variables["PROGRAM"] = pod.Image.Program;
            var ran = await PodImage.EndAsync(pod.Image.Start("/bin/bash", "-o", "pipefail", "-c",
                $"docker() {{ \"$PROGRAM\" docker \"$@\"; }}; cd given; {row.Command}"));
            if (Problem(row, ran) is { } problem)
                lock (failures)
                    failures.Add($"{row.Command}: {problem}\n{ran.Output}{ran.Error}");
        });

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Fact]
    public void TheTableHasTheCommandsThatWorkflowsUse()
    {
        Assert.True(Rows().Count >= 50);
        Assert.Equal(Rows().Count, Rows().DistinctBy(r => r.Command).Count());
    }

    [Theory]
    [InlineData("works", 0, "", true)]
    [InlineData("works", 1, "", false)]
    [InlineData("works, and says `x y`", 0, "say x y z", true)]
    [InlineData("works, and says `x y`", 0, "say x z", false)]
    [InlineData("refused: `no z`", 1, "no z", true)]
    [InlineData("refused: `no z`", 0, "no z", false)]
    [InlineData("refused: `no z`", 1, "no", false)]
    [InlineData("refused", 1, "no", false)]
    [InlineData("perhaps", 0, "", false)]
    public void ARowThatIsNotSoIsFound(string answer, int code, string said, bool isSo) =>
        Assert.Equal(isSo, Problem(new("docker", answer), new(code, "", said)) is null);

    private static string? Problem(Row row, Ran ran)
    {
        var said = row.Answer.Split('`').Where((_, i) => i % 2 == 1).ToList();
        var refused = row.Answer.StartsWith(Refused, StringComparison.Ordinal);
        if (!refused && !row.Answer.StartsWith(Works, StringComparison.Ordinal))
            return "it is said neither to work nor to be refused";
        if (refused && said.Count == 0)
            return "it is not said in which words it is refused";
        if (refused != ran.Code is 1)
            return $"the exit code is {ran.Code}";
        return said.Find(s => !(ran.Output + ran.Error).Contains(s, StringComparison.Ordinal)) is { } missing
            ? $"it does not say \"{missing}\""
            : null;
    }

    private static List<Row> Rows() =>
    [
        .. from line in Source.Read("docs/builds.md").Split("## Docker's commands one by one")[1].Split("\n## ")[0]
            .Split('\n')
           where line.StartsWith("| `", StringComparison.Ordinal)
           let cells = line.Replace("\\|", "\0", StringComparison.Ordinal).Split('|')
               .Select(c => c.Replace('\0', '|').Trim()).ToArray()
           select new Row(cells[1].Trim('`'), cells[2]),
    ];

    /// <summary>What the page says a row finds.</summary>
    private static async Task PrepareAsync(BuildingPod pod, Registry registry)
    {
        await pod.DoAsync(
            "build", "--platform=linux/amd64,linux/arm64", "--push", "-t", $"{registry.Host}/base:1", ".");
        await pod.DoAsync("build", "-t", "app:1", "-t", $"{registry.Host}/app:1", ".");
        await pod.DoAsync("create", "--name", "files", "app:1");
        pod.Write("given/Dockerfile", "FROM scratch\nARG VERSION\nCOPY message /message\n");
        pod.Write("given/message", "two\n");
        pod.Write("given/docker-bake.hcl", "target \"default\" { tags = [\"app:2\"] }\n");
        pod.Write("given/compose.yaml", "services: { app: { image: \"app:2\", build: . } }\n");
        await pod.DoAsync("save", "-o", pod.Image.In("given/app.tar"), "app:1");
        await RunAsync("tar", "-czf", pod.Image.In("given/files.tgz"), "-C", pod.Image.In("given"), "message");
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    private sealed record Row(string Command, string Answer);
}
