using System.Collections.Immutable;
using System.Text;

namespace RunnerScaler.Hosting;

/// <summary>What was asked for on the command line.</summary>
internal abstract record CommandLine
{
    /// <summary>Run, with these options.</summary>
    /// <param name="Options">By their full key.</param>
    public sealed record Run(ImmutableDictionary<string, string?> Options) : CommandLine;

    public sealed record Help : CommandLine;

    public sealed record Version : CommandLine;

    /// <summary>It cannot be understood.</summary>
    public sealed record Wrong(string Why) : CommandLine;

    /// <summary>
    /// Reads <c>--Section:Option=VALUE</c>, <c>--Section:Option VALUE</c>, <c>--help</c> and <c>--version</c>.
    /// </summary>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var options = ImmutableDictionary.CreateBuilder<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument is "--help" or "-h" or "-?")
                return new Help();
            if (argument is "--version")
                return new Version();
            if (!IsOption(argument))
                return new Wrong($"'{argument}' is no option: write --Section:Option=VALUE, or --help for the list.");
            var parts = argument[2..].Split('=', 2);
            if (parts.Length == 1 && i + 1 == arguments.Count)
                return new Wrong($"'{argument}' has no value: write {argument}=VALUE.");
            options[$"{ScalerOptions.Root}:{parts[0]}"] = parts.Length == 2 ? parts[1] : arguments[++i];
        }
        return new Run(options.ToImmutable());
    }

    private static bool IsOption(string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal) && argument.Contains(':', StringComparison.Ordinal);

    /// <summary>What <c>--help</c> shows.</summary>
    public static string Usage()
    {
        var text = new StringBuilder()
            .AppendLine("RunnerScaler keeps just enough ephemeral GitHub Actions runners for the queue of jobs.")
            .AppendLine()
            .AppendLine("Usage: RunnerScaler [--Section:Option=VALUE]... | --help | --version")
            .AppendLine()
            .AppendLine("Each option can also be set by an environment variable, RUNNERSCALER__Section__Option, or in")
            .AppendLine("appsettings.json below \"RunnerScaler\". The command line wins, then the environment.")
            .AppendLine()
            .AppendLine("Options and their defaults; docs/configuration.md says what they mean:");
        foreach (var (path, value) in OptionReader.All(new ScalerOptions()))
            text.Append("  --").Append(path).Append('=').AppendLine(value);
        return text.ToString();
    }
}
