using System.Net;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.GitHub.Runners;

/// <summary>
/// The requests about single registrations
/// (<see href="https://docs.github.com/rest/actions/self-hosted-runners">self-hosted runners</see>), and what their
/// answers mean.
/// </summary>
internal static class Registrations
{
    /// <summary>
    /// Deletes by id, or by the id that the name has. A 404 alone does not prove that a registration is gone: a
    /// credential that may no longer see the repository gets the same. So the list has the last word, which then is
    /// refused as well.
    /// </summary>
    public static async Task<GitHubAnswer<DeregisterResult>> RemoveAsync(
        Account account, RegistrationTarget target, string name, long? id, CancellationToken cancel)
    {
        if (id is { } known)
        {
            var byId = await DeleteAsync(account, target, known, cancel);
            if (byId is not { Ok: true, Value: DeregisterResult.Gone })
                return byId;
        }
        var (found, failure) = await FindByNameAsync(account, target, name, cancel);
        if (failure is not null)
            return failure;
        return found is null ? DeregisterResult.Gone : await DeleteAsync(account, target, found.Id, cancel);
    }

    /// <summary>Gone if there is none of that id. That it has a job is what a refused deletion says, and no other
    /// request.</summary>
    private static async Task<GitHubAnswer<DeregisterResult>> DeleteAsync(
        Account account, RegistrationTarget target, long id, CancellationToken cancel)
    {
        var failure = await Api(account, target).DeleteAsync($"{Path(target)}/{id}", cancel);
        return failure switch
        {
            null => DeregisterResult.Deleted,
            { Status: HttpStatusCode.NotFound } => DeregisterResult.Gone,
            { Status: HttpStatusCode.UnprocessableEntity } => DeregisterResult.Busy,
            _ => failure,
        };
    }

    /// <summary>Neither if there is none of that id.</summary>
    public static async Task<(Registration? Found, Failure? Failure)> FindByIdAsync(
        Account account, RegistrationTarget target, long id, CancellationToken cancel)
    {
        var answer = await Api(account, target).GetAsync<RunnerData>($"{Path(target)}/{id}", cancel);
        if (answer.Ok)
            return (Read(answer.Value), null);
        return (null, answer.Failure.Status == HttpStatusCode.NotFound ? null : answer.Failure);
    }

    /// <summary>Neither if there is none of that name.</summary>
    public static async Task<(Registration? Found, Failure? Failure)> FindByNameAsync(
        Account account, RegistrationTarget target, string name, CancellationToken cancel)
    {
        // Servers that do not know the parameter list all runners.
        var listing = await Api(account, target).ListAsync<RunnerData>(
            $"{Path(target)}?name={Uri.EscapeDataString(name)}", ListBounds.None, cancel);
        var all = listing.Whole($"the runners named '{name}'");
        var found = all.Value?.Find(r => string.Equals(r.Name, name, StringComparison.OrdinalIgnoreCase));
        return (found is null ? null : Read(found), all.Failure);
    }

    public static GitHubApi Api(Account account, RegistrationTarget target) =>
        account.Api(target.Owner, target.Repository is null);

    /// <summary>Where the API has the runners of a target.</summary>
    public static string Path(RegistrationTarget target) => $"{Place(target)}/actions/runners";

    /// <summary>Where the API has what concerns a target.</summary>
    public static string Place(RegistrationTarget target) => target.IsEnterprise ? target.Owner
        : target.Repository is null ? $"orgs/{target.Owner}"
        : $"repos/{target.Owner}/{target.Repository}";

    public static Registration Read(RunnerData data) =>
        new(data.Id, data.Name, data.Status == "online", data.Busy) { Version = data.Version };
}
