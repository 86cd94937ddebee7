using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Installing;

/// <summary>
/// Brings a CustomResourceDefinition to the cluster by server-side apply: it is made if it is not there, and is then
/// what this program knows, whoever wrote it before.
/// </summary>
/// <param name="api">The API server.</param>
/// <param name="definition">What is to be there.</param>
/// <param name="time">The clock.</param>
internal sealed class DefinitionSetup(ApiServer api, JsonObject definition, TimeProvider time)
{
    /// <summary>Under this name the fields of the definition are ours.</summary>
    public const string FieldManager = "runnerscaler-crds";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly string name = (string)definition["metadata"]!["name"]!;

    /// <summary>Applies it and waits until its objects are served.</summary>
    /// <param name="within">How long it is tried and waited for.</param>
    /// <param name="cancel">Ends it early.</param>
    /// <returns>How it went.</returns>
    public async Task<Outcome> ApplyAsync(TimeSpan within, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var answer = await SendAsync(cancel);
            var isServed = answer.Ok && Condition(answer, "Established") is { Holds: true };
            if (isServed)
                return new(true, $"{name} is applied and served.");
            if (!answer.Ok && !answer.Unclear)
                return new(false, $"{name} was not applied: {answer.Why}. {Advice(answer)}");
            if (time.GetElapsedTime(start) > within)
                return new(false, $"{(answer.Ok ? NotServed(answer) : Unanswered(answer))} after {Seconds(within)} s.");
            await Task.Delay(Pause, time, cancel);
        }
    }

    // Forced: the definition was perhaps made by helm or kubectl, and is this release's from now on.
    private Task<ApiAnswer> SendAsync(CancellationToken cancel) => api.SendAsync(
        HttpMethod.Patch, $"{ResourcePaths.Definition(name)}?fieldManager={FieldManager}&force=true", definition,
        cancel, ApiServer.ApplyPatch);

    private string NotServed(ApiAnswer answer)
    {
        var why = Condition(answer, "NamesAccepted") is { Holds: false } names ? names.Says
            : Condition(answer, "Established") is { } established ? established.Says
            : "the API server has not looked at it";
        return $"{name} is applied, but not served ({why.Shown(300)})";
    }

    private string Unanswered(ApiAnswer answer) => $"{name} was not applied ({answer.Why})";

    private string Advice(ApiAnswer answer) => answer.Code switch
    {
        403 => "Give this account the verbs create, get and patch on customresourcedefinitions (group "
            + $"apiextensions.k8s.io) named {name}, or apply deploy/crds/ yourself.",
        422 => "If objects are stored in a version that this release does not have, install the release before it, "
            + "and read its notes on upgrading.",
        _ => "Apply deploy/crds/ yourself with kubectl apply --server-side to see whether the cluster takes it.",
    };

    private static (bool Holds, string Says)? Condition(ApiAnswer answer, string type)
    {
        foreach (var condition in answer.Root.Member("status").Each("conditions"))
            if (condition.Text("type") == type)
                return (condition.Text("status") == "True", condition.Text("message") ?? "");
        return null;
    }

    private static string Seconds(TimeSpan span) => FormattableString.Invariant($"{span.TotalSeconds:0}");
}

/// <summary>How something that was asked for went.</summary>
/// <param name="Done">Whether all of it was done.</param>
/// <param name="Says">What to tell whoever asked: what happened, and what to do.</param>
internal sealed record Outcome(bool Done, string Says);
