using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using RunnerImage.Posix;
using RunnerImage.Tests.Claims;

namespace RunnerImage.Tests.Entrypoint;

/// <summary>
/// The built program as a process, with folders of its own and a shell script in the place of GitHub's listener.
/// </summary>
/// <remarks>
/// <c>RUNNERIMAGE_PROGRAM</c> names another build of the program to be tested, such as the published one.
/// </remarks>
internal sealed class PodUnderTest : IAsyncDisposable
{
    public const string Token = "the-claim-token";
    public const string Settings = "{\"AgentName\":\"linux-7-1a2b3c4d\"}";
    public const string Key = "{\"d\":\"the-private-key\"}";

    /// <summary>Long enough for a machine that does much else; nothing waits for it to be over.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Blink = TimeSpan.FromMilliseconds(20);

    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentQueue<string> lines = new();
    private string[] prefix = [];
    private Process? process;

    public PodUnderTest(ClaimServer server, TestAuthority authority)
    {
        Directory.CreateDirectory(folder["home/bin"]);
        File.WriteAllText(folder["token"], Token);
        File.WriteAllText(folder["message"], "");
        Variables = new()
        {
            ["HOME"] = folder["home"],
            ["RUNNERSCALER_CLAIM_URL"] = server.Url.ToString(),
            ["RUNNERSCALER_CLAIM_CA"] = authority.Pem,
            ["RUNNERSCALER_TOKEN_FILE"] = folder["token"],
            ["RUNNERSCALER_STATE"] = folder["state"],
        };
        Listener("sleep 1000 & wait");
    }

    /// <summary>The environment, besides what the program needs to run at all.</summary>
    public Dictionary<string, string> Variables { get; }

    public string this[string name] => folder[name];

    public int Pid => process!.Id;

    public string Output => string.Join('\n', lines);

    /// <summary>A JIT config as GitHub's.</summary>
    public static string JitConfig { get; } = Base64($$"""
        {".runner":"{{Base64(Settings)}}",".credentials":"{{Base64("{}")}}",".credentials_rsaparams":"{{Base64(Key)}}"}
        """);

    /// <summary>Beside the tests, where the build has copied it.</summary>
    private static string Program =>
        Environment.GetEnvironmentVariable("RUNNERIMAGE_PROGRAM") is { Length: > 0 } other
            ? other
            : Path.Combine(AppContext.BaseDirectory, "runnerscaler-pod");

    /// <summary>
    /// Sets what the listener does. Functions for scripts: <c>begin</c> marks the job's begin as the hook does,
    /// <c>await FILE</c> waits for a file, <c>mark FILE</c> makes one.
    /// </summary>
    public void Listener(string script)
    {
        File.WriteAllText(folder["home/bin/Runner.Listener"], $$"""
            #!/bin/bash
            set -u
            mark() { : > "{{folder.Path}}/$1"; }
            await() { until [ -e "{{folder.Path}}/$1" ]; do sleep 0.02; done; }
            begin() {
                printf '{"repository":"o/r","runId":17,"startedAt":"%s"}' "$(date -u +%Y-%m-%dT%H:%M:%S+00:00)" \
                    > "$RUNNERSCALER_STATE/job.json"
                mark began
            }
            mark started
            {{script}}

            """.ReplaceLineEndings("\n"));
        File.SetUnixFileMode(folder["home/bin/Runner.Listener"], (UnixFileMode)0b111_101_101);
    }

    /// <summary>Starts it as another user. Only root can.</summary>
    public void RunAs(int id)
    {
        prefix = ["setpriv", $"--reuid={id}", $"--regid={id}", "--clear-groups"];
        const UnixFileMode everybody = (UnixFileMode)0b111_111_111;
        foreach (var path in Directory.EnumerateFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories))
            File.SetUnixFileMode(path, everybody);
        File.SetUnixFileMode(folder.Path, everybody);
    }

    public void Start()
    {
        string[] command =
        [
            .. prefix, Program, "runnerscaler-entrypoint", "--home", folder["home"], "--message", folder["message"],
        ];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsForeign).ToArray())
            start.Environment.Remove(name);
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public void Terminate() => Native.Signal(Pid, 15);

    public void Mark(string name) => File.WriteAllText(folder[name], "");

    public Task FileAsync(string name) => UntilAsync(() => File.Exists(folder[name]), $"the file {name}");

    public Task LineAsync(string words) =>
        UntilAsync(() => Output.Contains(words, StringComparison.Ordinal), $"a line with \"{words}\"");

    /// <summary>Waits for a condition.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience,
                $"{what} did not come. Output:\n{Output}");
            await Task.Delay(Blink, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code, and the termination message.</returns>
    public async Task<(int Code, JsonElement Message)> EndAsync()
    {
        await UntilAsync(() => process!.HasExited, "the end");
        // Until the end of its output, which a process that it left behind would keep open.
        await process!.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TimeProvider.System);
        var message = await File.ReadAllTextAsync(folder["message"], TestContext.Current.CancellationToken);
        Assert.True(message.Length > 0, $"no termination message. Output:\n{Output}");
        return (process.ExitCode, JsonDocument.Parse(message).RootElement);
    }

    /// <summary>Waits for the end and compares what is said of it.</summary>
    /// <returns>The termination message.</returns>
    public async Task<JsonElement> EndsAsync(int code, string outcome, bool ranJob)
    {
        var (ended, message) = await EndAsync();
        var said = (message.GetProperty("exitCode").GetInt32(), message.GetProperty("outcome").GetString(),
            message.GetProperty("ranJob").GetBoolean());
        Assert.True((code, outcome, ranJob) == said && ended == code,
            $"ended with code {ended}, saying {said}. Output:\n{Output}");
        return message;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }

        folder.Dispose();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static bool IsForeign(string name) =>
        name.StartsWith("RUNNERSCALER_", StringComparison.Ordinal)
        || name is "DOCKER_CONFIG" or "BUILDX_CONFIG" or "BUILDX_BUILDER";

    private void Keep(string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }
}
