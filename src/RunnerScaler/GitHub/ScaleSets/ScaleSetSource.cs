using System.Net;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.ScaleSets;

/// <summary>Finds or makes scale sets and opens their sessions.</summary>
internal sealed partial class ScaleSetSource(
    GitHubAccounts accounts, ActionsApis services, TimeProvider time, ILogger<ScaleSetSource> logger)
    : IScaleSetSource
{
    internal const string Sets = "_apis/runtime/runnerscalesets";
    internal const string Route = "/runnerscalesets";

    /// <summary>The id of a default group where the service does not tell which that is.</summary>
    private const long DefaultGroup = 1;

    public async Task<OpenResult> OpenAsync(ScaleSet set, string owner, CancellationToken cancel)
    {
        var (account, problem) = await accounts.OpenAsync(set.Target.Account, cancel);
        if (account is null)
            return new OpenResult.Failed(problem!);
        var service = services.Of(set.Target);
        var found = await EnsureAsync(account, service, set, cancel);
        if (!found.Ok)
            return Failed(account, set, found.Failure);
        service.ScaleSet = found.Value.Id;
        var session = new ScaleSetSession(accounts, service, set, found.Value.Id, time);
        var opened = await session.OpenAsync(account, owner, cancel);
        if (opened.Ok)
            return new OpenResult.Listening(session, opened.Value.Statistics ?? default);
        LogNotOpened(set.Name, set.Target, opened.Failure.Detail);
        return opened.Failure.Kind == FailureKind.Conflict
            ? new OpenResult.Held(ScaleSetProblems.Held(set.Name, set.Target, opened.Failure, time.GetUtcNow()))
            : Failed(account, set, opened.Failure);
    }

    private static OpenResult.Failed Failed(Account account, ScaleSet set, Failure failure) =>
        new(ScaleSetProblems.Of(failure, account, set.Target, $"the scale set '{set.Name}'"));

    private async Task<GitHubAnswer<ScaleSetData>> EnsureAsync(
        Account account, ActionsApi service, ScaleSet set, CancellationToken cancel)
    {
        var group = await GroupAsync(account, service, set, cancel);
        if (!group.Ok)
            return group.Failure;
        var found = await service.AskAsync<ActionsList<ScaleSetData>>(
            account,
            way => ActionsApi.Call(
                way, HttpMethod.Get, Sets, Route,
                $"runnerGroupId={group.Value}&name={Uri.EscapeDataString(set.Name)}"),
            cancel);
        if (!found.Ok)
            return found.Failure;
        var body = Body(set, group.Value);
        return found.Value.Value switch
        {
            [] => await CreateAsync(account, service, set, body, cancel),
            [var one] => await AdoptAsync(account, service, set, one, body, cancel),
            _ => Failure.Of(ScaleSetProblems.Several(set.Target, set.Name)),
        };
    }

    private static async Task<GitHubAnswer<long>> GroupAsync(
        Account account, ActionsApi service, ScaleSet set, CancellationToken cancel)
    {
        var query = set.RunnerGroup is { } name ? $"groupName={Uri.EscapeDataString(name)}" : "";
        var found = await service.AskAsync<ActionsList<ActionsGroup>>(
            account,
            way => ActionsApi.Call(
                way, HttpMethod.Get, "_apis/runtime/runnergroups/", "/runnergroups", query),
            cancel);
        if (set.RunnerGroup is not null)
            return !found.Ok ? found.Failure
                : found.Value.Value is [var group, ..] ? group.Id
                : Failure.Of(ScaleSetProblems.NoGroup(set.Target, set.RunnerGroup));
        if (found is { Ok: false, Failure.Status: null or HttpStatusCode.Unauthorized })
            return found.Failure;
        return found.Value?.Value.FirstOrDefault(g => g.IsDefault)?.Id ?? DefaultGroup;
    }

    private async Task<GitHubAnswer<ScaleSetData>> CreateAsync(
        Account account, ActionsApi service, ScaleSet set, byte[] body, CancellationToken cancel)
    {
        var made = await service.AskAsync<ScaleSetData>(
            account, way => ActionsApi.Call(way, HttpMethod.Post, Sets, Route) with { Json = body }, cancel);
        if (made.Ok)
            LogCreated(set.Name, set.Target, made.Value.Id);
        else if (made.Failure.Status is HttpStatusCode.Conflict or HttpStatusCode.BadRequest)
            return Failure.Of(ScaleSetProblems.OtherGroup(set.Target, set.Name, made.Failure));
        return made;
    }

    /// <summary>
    /// Labels that differ are written; servers that know one label for each set keep theirs, whatever they are told.
    /// </summary>
    private async Task<GitHubAnswer<ScaleSetData>> AdoptAsync(
        Account account, ActionsApi service, ScaleSet set, ScaleSetData found, byte[] body, CancellationToken cancel)
    {
        var labels = Labels(set);
        if (found.Labels.Equals(labels))
            return found;
        var patched = await service.AskAsync<ScaleSetData>(
            account,
            way => ActionsApi.Call(way, HttpMethod.Patch, $"{Sets}/{found.Id}", $"{Route}/{{id}}") with
            {
                Json = body,
            },
            cancel);
        if (patched.Ok && !patched.Value.Labels.Equals(labels))
            LogLabels(set.Name, set.Target, patched.Value.Labels, labels);
        return patched;
    }

    private static LabelSet Labels(ScaleSet set) => LabelSet.Of([set.Name, .. set.Labels]);

    private static byte[] Body(ScaleSet set, long group) => ActionsCall.Body(
        new ScaleSetBody(
            set.Name,
            group,
            [.. Labels(set).Select(label => new LabelBody("System", label))],
            new(DisableUpdate: true)),
        ActionsJson.Default.ScaleSetBody);

    [LoggerMessage(LogLevel.Information, "Made the scale set {Set} of {Target}: its id is {Id}")]
    private partial void LogCreated(string set, RegistrationTarget target, long id);

    [LoggerMessage(LogLevel.Warning, "The scale set {Set} of {Target} has the labels {Has} although it was given "
        + "{Wanted}: this server may know one label for each set; jobs that ask for others do not reach it")]
    private partial void LogLabels(string set, RegistrationTarget target, LabelSet has, LabelSet wanted);

    [LoggerMessage(LogLevel.Warning, "The session of scale set {Set} of {Target} cannot be opened: {Detail}")]
    private partial void LogNotOpened(string set, RegistrationTarget target, string detail);
}
