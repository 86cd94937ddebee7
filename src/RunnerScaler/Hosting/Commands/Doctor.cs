using System.Collections.Immutable;
using System.Text.Json;
using RunnerScaler.Explaining;
using RunnerScaler.Kubernetes;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Asking;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;
using RunnerScaler.Web;

namespace RunnerScaler.Hosting.Commands;

/// <summary><c>doctor</c>: looks at the cluster, and asks its controller what that finds.</summary>
internal static class Doctor
{
    private const string Json = "json";
    private const string WarningsPass = "warnings-pass";

    /// <summary>The exit code if a check failed; 1 is for warnings.</summary>
    private const int Failures = 2;

    public static Command Command { get; } = new(
        "doctor",
        "Looks whether all is there that serving jobs takes, and says what to do about what is not.",
        [
            new(Json, "false", "whether to answer in JSON, with the fields of docs/doctor.md") { IsFlag = true },
            new(WarningsPass, "false", "whether to end with 0 if there are warnings alone") { IsFlag = true },
            .. ControllerArguments.Declared,
        ],
        RunAsync);

    private static async Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        var (isJson, warningsPass) = (call.Flag(Json), call.Flag(WarningsPass));
        var arguments = ControllerArguments.Of(call);
        using var api = call.Connect();
        var found = await CheckAsync(api, arguments, cancel);
        await call.Output.WriteLineAsync(isJson
            ? JsonSerializer.Serialize(found, AnswerJson.Default.ChecksAnswer)
            : string.Join('\n', HumanText.Of(found).TrimEnd().Split('\n').Select(line => line.Shown(int.MaxValue))));
        return found.Level switch
        {
            CheckLevel.Ok => ExitCode.Success,
            CheckLevel.Warning => warningsPass ? ExitCode.Success : ExitCode.Failed,
            _ => Failures,
        };
    }

    private static async Task<ChecksAnswer> CheckAsync(
        ApiServer api, ControllerArguments arguments, CancellationToken cancel)
    {
        var version = await api.GetAsync("/version", cancel);
        var numbers = $"{version.Root.Text("major")}.{version.Root.Text("minor")}";
        if (!version.Ok
            || (Release.Parse(numbers) ?? Release.Parse(version.Root.Text("gitVersion"))) is not { } release)
            return new([new("cluster", CheckLevel.Failure, null, $"The cluster does not answer: {version.Why}.",
                "Correct the kubeconfig and its context, or the way to the cluster.")]);
        var definition = DefinitionIn(await api.GetAsync($"{ResourcePaths.Pools(null)}?limit=1", cancel));
        var (own, controller) = await AskAsync(api, arguments, cancel);
        var cluster = controller.Any(c => c.Check == "cluster")
            ? ImmutableArray<CheckAnswer>.Empty
            : [ReleaseCheck.OfServer(release)];
        return new([.. cluster, definition, own, .. controller]);
    }

    /// <returns>How the controller is, and what it says.</returns>
    private static async Task<(CheckAnswer Own, ImmutableArray<CheckAnswer> Told)> AskAsync(
        ApiServer api, ControllerArguments arguments, CancellationToken cancel)
    {
        const string remedy = "Install it (docs/install.md), see whether its pods run, and whether you may ask it "
            + "(docs/explain.md).";
        var (controller, why) = await arguments.FindAsync(api, cancel);
        if (controller is null)
            return (new("controller", CheckLevel.Failure, null, why, remedy), []);
        var reply = await controller.AskAsync("/api/v1/checks", "application/json", cancel);
        if (!reply.Ok)
            return (new("controller", CheckLevel.Failure, null, Quoted(reply.Text), remedy), []);
        return ToldChecks.Read(reply.Text) is { } told
            ? (CheckAnswer.Fine("controller", null, "A controller was found, and answers."), told)
            : (new("controller", CheckLevel.Failure, null, "What answers is no controller of this release.",
                "Bring the controller and this program to one release."), []);
    }

    private static CheckAnswer DefinitionIn(ApiAnswer pools) => pools switch
    {
        { Ok: true } or { Code: 403 } => CheckAnswer.Fine("definition", null, "The cluster knows RunnerPools."),
        { Code: 404 } => new("definition", CheckLevel.Failure, null, "The cluster does not know RunnerPools.",
            "Install the chart, or run apply-crds: docs/install.md."),
        _ => new("definition", CheckLevel.Failure, null, $"RunnerPools cannot be listed: {Quoted(pools.Why)}",
            "See the API server's own log."),
    };

    private static string Quoted(string text) => text.Trim().Shown(2000);
}
