using System.Collections.Immutable;
using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Hosting.Commands;

/// <summary>Something that the program does besides running: it is asked for by its name, and then ends.</summary>
/// <param name="Name">The first argument.</param>
/// <param name="Summary">What it does, in one sentence.</param>
/// <param name="Arguments">What it can be told, as <c>--NAME=VALUE</c>.</param>
/// <param name="RunAsync">Does it, and returns one of <see cref="ExitCode"/>.</param>
internal sealed record Command(
    string Name,
    string Summary,
    ImmutableArray<CommandArgument> Arguments,
    Func<CommandCall, CancellationToken, Task<int>> RunAsync)
{
    /// <summary>What it is about, as one writes it behind its name; null if it is about nothing.</summary>
    public string? Operand { get; init; }

    /// <summary>All of them; <c>docs/commands.md</c> tells more.</summary>
    public static ImmutableArray<Command> All { get; } =
    [
        ApplyDefinition.Command, RemovePools.Command, CheckPools.Command, ImportArc.Command, Explain.Command,
        Doctor.Command,
    ];

    public static string Names => string.Join(", ", All.Select(command => command.Name));

    public static Command? Find(string name) => All.FirstOrDefault(command => command.Name == name);
}

/// <summary>What a command can be told.</summary>
/// <param name="Name">Without the dashes.</param>
/// <param name="Default">What holds if it is not given.</param>
/// <param name="Meaning">For <c>--help</c>.</param>
internal sealed record CommandArgument(string Name, string Default, string Meaning)
{
    /// <summary>Whether its name alone means <c>true</c>.</summary>
    public bool IsFlag { get; init; }
}

/// <summary>A command that was asked for, and what it may use.</summary>
/// <param name="Command">Which.</param>
/// <param name="Given">Its arguments that were given, by name.</param>
/// <param name="Options">Where the cluster is, and what else may be set.</param>
/// <param name="Output">For what was asked for.</param>
/// <param name="Error">For why it cannot be had.</param>
internal sealed record CommandCall(
    Command Command,
    ImmutableDictionary<string, string> Given,
    ScalerOptions Options,
    TextWriter Output,
    TextWriter Error)
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What is given to the command to read.</summary>
    public TextReader Input { get; init; } = Console.In;

    /// <summary>What the command is about; empty if that was not said.</summary>
    public string Operand { get; init; } = "";

    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">There is no cluster that could be
    /// reached.</exception>
    public ApiServer Connect() =>
        new(ClusterConnection.Open(KubernetesRegistration.Connect(Options.Kubernetes)), Time);

    public string Text(string argument) =>
        Given.GetValueOrDefault(argument) ?? Command.Arguments.Single(a => a.Name == argument).Default;

    /// <exception cref="CommandException">It is neither.</exception>
    public bool Flag(string argument) => bool.TryParse(Text(argument), out var value)
        ? value
        : throw new CommandException($"--{argument} is '{Text(argument)}': set true or false.");

    /// <exception cref="CommandException">It is none, or out of range.</exception>
    public TimeSpan Duration(string argument, TimeSpan least, TimeSpan most) =>
        Protocol.Duration.TryParse(Text(argument), out var time) && time >= least && time <= most
            ? time
            : throw new CommandException(
                $"--{argument} is '{Text(argument)}': set {OptionValue.Show(least)} to {OptionValue.Show(most)}.");
}

/// <summary>A command cannot be understood; the message is the sentence to show.</summary>
internal sealed class CommandException(string message) : Exception(message);
