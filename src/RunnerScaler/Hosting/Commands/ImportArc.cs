using System.Text;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Importing;

namespace RunnerScaler.Hosting.Commands;

/// <summary>
/// <c>import-arc</c>: what Actions Runner Controller has, as pools; see <c>docs/moving-from-arc.md</c>.
/// </summary>
internal static class ImportArc
{
    private const string From = "from";
    private const string Output = "output";
    private const string Name = "name";
    private const string Server = "server";
    private const string Secret = "credentials-secret";
    private const string MaxRunners = "max-runners";
    private const string Cluster = "cluster";
    private const string StandardInput = "-";

    public static Command Command { get; } = new(
        "import-arc",
        "Prints pools for what Actions Runner Controller has, and in comments what is different.",
        [
            new(From, "", "a file of its objects or of its chart's values, - for standard input, or cluster"),
            new(Output, "pools", "pools, to apply, or values, for the chart"),
            new(Name, "", "the Helm release of a file of values, by which jobs ask for its runners"),
            new(Server, "https://github.com", "the GitHub server of RunnerDeployments"),
            new(Secret, "", "the Secret that pools name; empty: ARC's name with -runnerscaler"),
            new(MaxRunners, "10", "the limit of what has none: 0 to 10000"),
        ],
        RunAsync);

    private static async Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        var write = WriterOf(call);
        var options = OptionsOf(call);
        try
        {
            var result = ArcImport.Convert(await ReadAsync(call, cancel), options);
            await call.Output.WriteAsync(write(result));
            var (made, all) = (result.Pools.Count(p => p.Spec is not null), result.Pools.Length);
            await call.Error.WriteLineAsync(
                $"{made} of {all} imported. Read the comments: they say what is different, and what to do first.");
            return made > 0 && made == all ? ExitCode.Success : ExitCode.Failed;
        }
        catch (ImportException nothing)
        {
            await call.Error.WriteLineAsync(nothing.Message);
            return ExitCode.Failed;
        }
    }

    /// <exception cref="CommandException">There is no such form.</exception>
    private static Func<ImportResult, string> WriterOf(CommandCall call) => call.Text(Output) switch
    {
        "pools" => ImportText.Pools,
        "values" => ImportText.Values,
        var other => throw new CommandException($"--{Output} is '{other}': set pools or values."),
    };

    /// <exception cref="CommandException">The limit is none.</exception>
    private static ImportOptions OptionsOf(CommandCall call) => new()
    {
        Name = call.Text(Name),
        Server = call.Text(Server),
        CredentialsSecret = call.Text(Secret),
        MaxRunners = int.TryParse(call.Text(MaxRunners), out var most) && most is >= 0 and <= 10_000
            ? most
            : throw new CommandException($"--{MaxRunners} is '{call.Text(MaxRunners)}': set 0 to 10000."),
    };

    private static async Task<IReadOnlyList<JsonNode>> ReadAsync(CommandCall call, CancellationToken cancel)
    {
        switch (call.Text(From))
        {
            case "":
                throw new CommandException($"--{From} is '': set a file, - for standard input, or cluster.");
            case Cluster:
                using (var api = call.Connect())
                    return await new ArcCluster(api, call.Options.Kubernetes.Namespaces).ReadAsync(cancel);
            case StandardInput:
                return YamlReader.Documents(await ReadTextAsync(call.Input, cancel));
            case var file:
                using (var text = OpenFile(file))
                    return YamlReader.Documents(await ReadTextAsync(text, cancel));
        }
    }

    private static StreamReader OpenFile(string file)
    {
        try
        {
            return new StreamReader(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException($"--{From} is '{file}': {e.Message}");
        }
    }

    /// <summary>The text, or a little more than may be read of it.</summary>
    private static async Task<string> ReadTextAsync(TextReader reader, CancellationToken cancel)
    {
        var text = new StringBuilder();
        var part = new char[64 * 1024];
        try
        {
            while (text.Length <= YamlReader.LongestText && await reader.ReadAsync(part, cancel) is > 0 and var read)
                text.Append(part, 0, read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportException($"The input cannot be read: {e.Message}");
        }
        return text.ToString();
    }
}
