using System.Diagnostics;
using System.Text;

namespace RunnerImage.Tests.Image;

/// <summary>A program of the machine, run to its end.</summary>
internal static class Tool
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(20);

    /// <summary>Where a program is, or null if it is not on PATH.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <returns>What it printed on standard output.</returns>
    /// <exception cref="InvalidOperationException">It did not end with 0; the message has its last lines.</exception>
    public static async Task<string> RunAsync(string name, params string[] arguments)
    {
        var (code, output, error) = await TryAsync(name, arguments);
        return code == 0
            ? output
            : throw new InvalidOperationException(
                $"{name} {string.Join(' ', arguments)} ended with {code}:\n{Last(output + error)}");
    }

    public static async Task<(int Code, string Output, string Error)> TryAsync(string name, params string[] arguments)
    {
        using var deadline = new CancellationTokenSource(Longest);
        using var process = Start(name, arguments);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{name} {string.Join(' ', arguments)} did not end in {Longest}");
        }
    }

    public static Process Start(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(name) ?? name, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = Source.Root,
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start");
    }

    private static string Last(string text) =>
        string.Join('\n', text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(25));
}
