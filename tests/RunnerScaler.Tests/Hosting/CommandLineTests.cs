using RunnerScaler.Hosting;
using RunnerScaler.Hosting.Commands;

namespace RunnerScaler.Tests.Hosting;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--Web:Port=9000")]
    [InlineData("--Web:Port", "9000")]
    [InlineData("--web:port=9000")]
    public void AnOptionHasAValue(params string[] arguments)
    {
        var run = Assert.IsType<CommandLine.Run>(CommandLine.Parse(arguments));

        Assert.Equal("9000", run.Options["RunnerScaler:Web:Port"]);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task HelpListsEveryOption(string argument)
    {
        var (code, output, error) = await RunAsync(argument);

        Assert.Equal((0, ""), (code, error));
        var help = output.ReplaceLineEndings("\n");
        foreach (var (path, value, wanted) in OptionReader.All(new ScalerOptions()))
            Assert.Contains(
                wanted.Length > 0 ? $"--{path}={value} ({wanted})\n" : $"--{path}={value}\n", help,
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheVersionIsTold()
    {
        var (code, output, _) = await RunAsync("--version");

        Assert.Equal(0, code);
        Assert.Matches(@"^[0-9]+\.[0-9]+\.[0-9]+\S*\n$", output.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("run", "'run' is no command and no option: the commands are apply-crds, remove-pools, check-pools, "
        + "import-arc, explain, doctor; write --Section:Option=VALUE, or --help for the list.")]
    [InlineData("-", "'-' is no option: write --Section:Option=VALUE, or --help for the list.")]
    [InlineData("", "'' is no command and no option: the commands are apply-crds, remove-pools, check-pools, "
        + "import-arc, explain, doctor; write --Section:Option=VALUE, or --help for the list.")]
    [InlineData("--verbose", "'--verbose' is no option: write --Section:Option=VALUE, or --help for the list.")]
    [InlineData("--Web:Port", "'--Web:Port' has no value: write --Web:Port=VALUE.")]
    public async Task WhatCannotBeUnderstoodIsToldInOneLine(string argument, string sentence)
    {
        var (code, output, error) = await RunAsync(argument);

        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.Equal(sentence, error.TrimEnd());
    }

    [Theory]
    [InlineData("'now' is no option of apply-crds: write --within=VALUE, write --Section:Option=VALUE, or --help for "
        + "the list.", "now")]
    [InlineData("'--within' has no value: write --within=VALUE.", "--within")]
    [InlineData("--within is 'soon': set 1s to 10m.", "--within=soon")]
    [InlineData("--within is '1h': set 1s to 10m.", "--within", "1h")]
    [InlineData("Kubernetes:Kubeconfig (RUNNERSCALER__Kubernetes__Kubeconfig) is '/none': ",
        "--Kubernetes:Kubeconfig=/none")]
    public async Task ACommandThatCannotBeUnderstoodIsToldInOneLine(string sentence, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(["apply-crds", .. arguments]);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith(sentence, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Theory]
    [InlineData("--release is '': set NAMESPACE/NAME.")]
    [InlineData("--release is 'x': set NAMESPACE/NAME.", "--release=x")]
    [InlineData("--release is 'a/b/c': set NAMESPACE/NAME.", "--release=a/b/c")]
    [InlineData("--best-effort is 'yes': set true or false.", "--release=a/b", "--best-effort=yes")]
    public async Task APoolIsRemovedOnlyIfItIsClearWhose(string sentence, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(["remove-pools", .. arguments]);

        Assert.Equal((2, "", sentence), (code, output, error.TrimEnd()));
    }

    [Theory]
    [InlineData("--from is '': set a file, - for standard input, or cluster.")]
    [InlineData("--from is '/none/arc.yaml': Could not find a part of the path", "--from=/none/arc.yaml")]
    [InlineData("--output is 'json': set pools or values.", "--output=json")]
    [InlineData("--max-runners is '-1': set 0 to 10000.", "--max-runners=-1")]
    public async Task AnImportIsToldWhatItLacks(string sentence, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(["import-arc", .. arguments]);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith(sentence, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task AnImportPrintsPoolsAndSaysHowMany()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file,
            "kind: AutoscalingRunnerSet\nmetadata: {name: big}\nspec: {githubConfigUrl: 'https://github.com/acme'}\n"
                + "---\nkind: AutoscalingRunnerSet\nmetadata: {name: none}\n",
            TestContext.Current.CancellationToken);

        var (code, output, error) = await RunAsync("import-arc", $"--from={file}", "--max-runners=7");
        File.Delete(file);

        Assert.Equal(1, code);
        Assert.StartsWith("1 of 2 imported. Read the comments", error, StringComparison.Ordinal);
        Assert.Contains("\n    maxRunners: 7\n", output, StringComparison.Ordinal);
        Assert.Contains("# NOT IMPORTED AutoscalingRunnerSet none\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Say what to explain: JOB-URL | ")]
    [InlineData("--json is 'maybe': set true or false.", "linux", "--json=maybe")]
    [InlineData("--controller is 'x': set NAMESPACE/NAME.", "linux", "--controller=x")]
    [InlineData("--service-account is '/': set NAMESPACE/NAME.", "linux", "--json", "--service-account=/")]
    [InlineData("'7' cannot be explained: a number alone does not say which repository's run it is", "7")]
    [InlineData("'two' is no option of explain: ", "one", "two")]
    public async Task WhatCannotBeExplainedIsToldInOneLine(string sentence, params string[] arguments)
    {
        var config = Path.GetTempFileName();
        await File.WriteAllTextAsync(config, """
            {"clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:1"}}], "current-context": "a",
             "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
             "users": [{"name": "a", "user": {"token": "t"}}]}
            """, TestContext.Current.CancellationToken);
        var (code, output, error) = await RunAsync(["explain", $"--Kubernetes:Kubeconfig={config}", .. arguments]);
        File.Delete(config);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith(
            sentence,
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HelpAndThePageListEveryCommand()
    {
        var (_, output, _) = await RunAsync("apply-crds", "--help");
        var page = Page.Read("commands.md");
        foreach (var command in Command.All)
        {
            Assert.Contains($"  {command.Name}: {command.Summary}", output, StringComparison.Ordinal);
            Assert.Contains($"## `{command.Name}`", page, StringComparison.Ordinal);
            foreach (var (name, value, _) in command.Arguments)
                Assert.Contains($"`--{name}={value}`", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task WrongOptionsStopTheProcessWithTheirSentencesOnly()
    {
        var (code, output, error) = await RunAsync("--Web:Port=x", "--Web:Prot=1", "--Control:Resync=1s");

        Assert.Equal(2, code);
        Assert.Equal("", output);
        var lines = error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("Web:Port (RUNNERSCALER__Web__Port) is 'x': set a whole number.", lines);
        Assert.Single(lines, line => line.StartsWith("Web:Prot (RUNNERSCALER__Web__Prot)", StringComparison.Ordinal));
        Assert.Contains("Control:Resync (RUNNERSCALER__Control__Resync) is 1s: set 5s to 10m.", lines);
        Assert.All(lines, line => Assert.Contains("(RUNNERSCALER__", line, StringComparison.Ordinal));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await ScalerHost.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
