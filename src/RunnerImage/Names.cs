using RunnerImage.Buildx;
using RunnerImage.Docker;
using RunnerImage.Entrypoint;
using RunnerImage.Hooks;
using RunnerImage.Posix;

namespace RunnerImage;

/// <summary>
/// The names that the one program answers to. It does what the name says under which it was started, or its first
/// argument if it was started as <c>runnerscaler-pod</c>.
/// </summary>
internal static class Names
{
    /// <summary>The exit code of a command that is used wrongly, as shells have it.</summary>
    private const int Misused = 64;

    private static readonly Dictionary<string, Func<string[], Task<int>>> Commands = new(StringComparer.Ordinal)
    {
        [RealBuildx.FileName] = arguments =>
            new ShimProgram(JobPod.OfProcess(), Console.Out, Console.Error, TimeProvider.System).RunAsync(arguments),
        [WrapperProgram.Name] = arguments => Task.FromResult(
            WrapperProgram.Run(arguments, JobPod.OfProcess(), Console.Out, Console.Error)),
        [JobStarted.Name] = StartJobAsync,
        [JobCompleted.Name] = _ => Task.FromResult(
            new JobCompleted(JobPod.OfProcess(), Console.Out, TimeProvider.System).Run()),
        [ChildLauncher.Name] = arguments => Task.FromResult(ChildLauncher.Run(arguments, Console.Error)),
        [EntrypointCommand.Name] = EntrypointCommand.RunAsync,
    };

    /// <param name="commandLine">The name it was started under, and the arguments.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] commandLine)
    {
        var name = Path.GetFileName(commandLine[0]);
        if (Commands.TryGetValue(name, out var command))
            return await command(commandLine[1..]);
        if (commandLine.Length > 1 && Commands.TryGetValue(commandLine[1], out command))
            return await command(commandLine[2..]);
        await Console.Error.WriteLineAsync(
            $"{name}: start it under one of the names {string.Join(", ", Commands.Keys)}, or give one as the first "
            + "argument");
        return Misused;
    }

    private static async Task<int> StartJobAsync(string[] arguments)
    {
        using var hidden = SystemCertificates.Hide();
        return await new JobStarted(JobPod.OfProcess(), Console.Out, TimeProvider.System).RunAsync();
    }
}
