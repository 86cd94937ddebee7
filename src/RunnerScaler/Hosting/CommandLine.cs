using System.Collections.Immutable;
using System.Text;
using RunnerScaler.Hosting.Commands;

namespace RunnerScaler.Hosting;

/// <summary>What was asked for on the command line.</summary>
internal abstract record CommandLine
{
    /// <summary>Run, with these options.</summary>
    /// <param name="Options">By their full key.</param>
    public sealed record Run(ImmutableDictionary<string, string?> Options) : CommandLine;

    /// <summary>Do something else, and end.</summary>
    /// <param name="Command">What.</param>
    /// <param name="Arguments">The command's own, by name.</param>
    /// <param name="Options">As those of <see cref="Run"/>.</param>
    /// <param name="Operand">What it is about; empty if that was not said.</param>
    public sealed record Call(
        Command Command,
        ImmutableDictionary<string, string> Arguments,
        ImmutableDictionary<string, string?> Options,
        string Operand) : CommandLine;

    public sealed record Help : CommandLine;

    public sealed record Version : CommandLine;

    /// <summary>It cannot be understood.</summary>
    public sealed record Wrong(string Why) : CommandLine;

    /// <summary>
    /// Reads the name of a command, if it begins with one, and <c>--Section:Option=VALUE</c>,
    /// <c>--Section:Option VALUE</c>, <c>--help</c> and <c>--version</c>; after a command's name also its own
    /// <c>--argument=VALUE</c>, and what it is about.
    /// </summary>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var command = arguments is [var first, ..] ? Command.Find(first) : null;
        var options = ImmutableDictionary.CreateBuilder<string, string?>(StringComparer.OrdinalIgnoreCase);
        var own = ImmutableDictionary.CreateBuilder<string, string>();
        var operand = "";
        for (var i = command is null ? 0 : 1; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument is "--help" or "-h" or "-?")
                return new Help();
            if (argument is "--version")
                return new Version();
            if (IsOperand(command, argument) && operand.Length == 0)
            {
                operand = argument;
                continue;
            }
            var (name, isOwn) = (NameOf(argument), IsOf(command, argument));
            if (!isOwn && !IsOption(argument))
                return new Wrong(Unknown(command, argument));
            if (ValueOf(argument, name, isOwn && IsFlag(command!, name), arguments, ref i) is not { } value)
                return new Wrong($"'{argument}' has no value: write {argument}=VALUE.");
            if (isOwn)
                own[name] = value;
            else
                options[$"{ScalerOptions.Root}:{name}"] = value;
        }
        return command is null
            ? new Run(options.ToImmutable())
            : new Call(command, own.ToImmutable(), options.ToImmutable(), operand);
    }

    private static string? ValueOf(
        string argument, string name, bool isFlag, IReadOnlyList<string> arguments, ref int i)
    {
        if (name.Length + 2 < argument.Length)
            return argument[(name.Length + 3)..];
        if (isFlag)
            return "true";
        return i + 1 == arguments.Count ? null : arguments[++i];
    }

    private static bool IsOperand(Command? command, string argument) =>
        command?.Operand is not null && !argument.StartsWith('-');

    private static bool IsFlag(Command command, string name) => command.Arguments.Any(a => a.Name == name && a.IsFlag);

    private static string NameOf(string argument) => argument.Length < 2 ? "" : argument[2..].Split('=', 2)[0];

    private static bool IsOf(Command? command, string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal)
        && command?.Arguments.Any(a => a.Name == NameOf(argument)) == true;

    private static bool IsOption(string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal) && NameOf(argument).Contains(':', StringComparison.Ordinal);

    private static string Unknown(Command? command, string argument)
    {
        const string option = "write --Section:Option=VALUE, or --help for the list";
        if (command is not null)
            return $"'{argument}' is no option of {command.Name}: "
                + $"{string.Concat(command.Arguments.Select(a => $"write --{a.Name}=VALUE, "))}{option}.";
        return argument.StartsWith('-')
            ? $"'{argument}' is no option: {option}."
            : $"'{argument}' is no command and no option: the commands are {Command.Names}; {option}.";
    }

    /// <summary>What <c>--help</c> shows.</summary>
    public static string Usage()
    {
        var text = new StringBuilder()
            .AppendLine("RunnerScaler keeps just enough ephemeral GitHub Actions runners for the queue of jobs.")
            .AppendLine()
            .AppendLine("Usage: RunnerScaler [COMMAND] [--Section:Option=VALUE]... | --help | --version")
            .AppendLine()
            .AppendLine("Without a command it runs. Commands do something else, and end; docs/commands.md tells more:");
        foreach (var command in Command.All)
        {
            text.Append("  ").Append(command.Name).Append(": ").AppendLine(command.Summary);
            if (command.Operand is { } operand)
                text.Append("    ").AppendLine(operand);
            foreach (var (name, value, meaning) in command.Arguments)
                text.Append("    --").Append(name).Append('=').Append(value).Append(": ").AppendLine(meaning);
        }
        text.AppendLine()
            .AppendLine("Each option can also be set by an environment variable, RUNNERSCALER__Section__Option, or in")
            .AppendLine("appsettings.json below \"RunnerScaler\". The command line wins, then the environment.")
            .AppendLine()
            .AppendLine("Options, their defaults and what else can be set; docs/configuration.md says what they mean:");
        foreach (var (path, value, wanted) in OptionReader.All(new ScalerOptions()))
            text.Append("  --").Append(path).Append('=').Append(value)
                .AppendLine(wanted.Length == 0 ? "" : $" ({wanted})");
        return text.ToString();
    }
}
