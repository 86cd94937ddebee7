using RunnerScaler.Explaining;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Asking;
using RunnerScaler.Scaling;

namespace RunnerScaler.Hosting.Commands;

/// <summary><c>explain</c>: asks a controller of the cluster why a job waits.</summary>
internal static class Explain
{
    private const string Json = "json";
    private const string Controller = "controller";
    private const string Account = "service-account";

    /// <summary>Where the controller is usually installed.</summary>
    private const string UsualNamespace = "runnerscaler";

    private const string AsJson = "application/json";

    /// <summary>The API server's own refusals come as JSON whatever is asked for, if that is taken too.</summary>
    private const string AsText = "text/plain, application/json;q=0.5";

    public static Command Command { get; } = new(
        "explain",
        "Says what a job, the jobs of a run, a pod or a pool waits for, and what to change.",
        [
            new(Json, "false", "whether to answer in JSON, with the fields of docs/explain.md") { IsFlag = true },
            new(Controller, "", "the controller's Service, as NAMESPACE/NAME; without it, the only one of the cluster"),
            new(Account, "", "the ServiceAccount to ask as, NAMESPACE/NAME, if the kubeconfig shows no token"),
        ],
        RunAsync)
    {
        Operand = Question.Forms,
    };

    private static async Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        if (call.Operand.Length == 0)
            throw new CommandException($"Say what to explain: {Question.Forms}.");
        var cluster = KubernetesRegistration.Connect(call.Options.Kubernetes);
        var ns = ClusterConnection.OwnNamespace(call.Options.Kubernetes, cluster);
        var (question, isJson) = (Question.Read(call.Operand, ns), call.Flag(Json));
        var (place, account) = (PlaceIn(call, Controller), PlaceIn(call, Account));
        if (question is not Question.Understood(var paths))
            throw new CommandException(((Question.Wrong)question).Why);
        using var api = call.Connect();
        var (controller, why) = await FindAsync(api, place, account, [ns, UsualNamespace], cancel);
        if (controller is null)
            return await RefuseAsync(call, why);
        List<string> refused = [];
        foreach (var path in paths)
        {
            var reply = await controller.AskAsync(path, isJson ? AsJson : AsText, cancel);
            if (reply.Ok)
            {
                await call.Output.WriteLineAsync(Plain(reply.Text).TrimEnd('\n'));
                return ExitCode.Success;
            }
            refused.Add(reply.Text.Trim());
            if (reply.Code != 404)
                break;
        }
        return await RefuseAsync(call, string.Join('\n', refused.Distinct()));
    }

    /// <returns>The controller, or why it cannot be asked.</returns>
    private static async Task<(ProxiedController? Controller, string Why)> FindAsync(
        ApiServer api, ControllerPlace? place, ControllerPlace? account, string[] likely, CancellationToken cancel)
    {
        var (token, why) = account is null ? (null, "") : await ProxiedController.TokenAsync(api, account, cancel);
        if (account is not null && token is null)
            return (null, why);
        if (place is null)
            (place, why) = await new ControllerSearch(api).FindAsync([.. likely.Distinct()], cancel);
        return place is null ? (null, why) : (new(api, place, token), "");
    }

    /// <exception cref="CommandException">It is none.</exception>
    private static ControllerPlace? PlaceIn(CommandCall call, string argument)
    {
        var text = call.Text(argument);
        return text.Length == 0
            ? null
            : ControllerPlace.Read(text)
                ?? throw new CommandException($"--{argument} is {text.Quote()}: set NAMESPACE/NAME.");
    }

    private static async Task<int> RefuseAsync(CommandCall call, string why)
    {
        await call.Error.WriteLineAsync(Plain(why));
        return ExitCode.Failed;
    }

    /// <summary>Whatever it is that answers: a terminal obeys nothing of it.</summary>
    private static string Plain(string text) =>
        string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => line.Shown(int.MaxValue)));
}
