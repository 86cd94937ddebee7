using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.ScaleSets;

/// <summary>Sentences for people about scale sets: what is wrong, and what to set.</summary>
internal static class ScaleSetProblems
{
    public static Problem AppForEnterprise(AccountKey account, RegistrationTarget target) => new(
        ProblemReason.CredentialsInvalid,
        $"Secret {account.Namespace}/{account.Secret} holds a GitHub App, and no App may register runners of an "
        + $"enterprise such as '{target}': put a classic token with manage_runners:enterprise into it, or list the "
        + "enterprise's organisations in 'serves'");

    /// <param name="what">What it is the address of.</param>
    /// <param name="said">The address.</param>
    /// <param name="server">Who said it.</param>
    public static Problem BadAddress(string what, string said, string server) => new(
        ProblemReason.Unreachable,
        $"{server} says that {what} is at {Origin(said)}, which is not asked: it must be https and at an address that "
        + "a GitHub server can have; ask who runs that server");

    // Only this much is shown: the rest is whatever the server likes to write, and may hold a secret.
    private static string Origin(string said) => Uri.TryCreate(said, UriKind.Absolute, out var address)
        ? $"'{PlainText.Line($"{address.Scheme}://{address.IdnHost}:{address.Port}", 100)}'"
        : "what is no address";

    public static Problem NoGroup(RegistrationTarget target, string group) => new(
        ProblemReason.RunnerGroupNotFound,
        $"'{target}' has no runner group {group.Quote()}: correct runnerGroup in 'serves', or make the group");

    public static Problem OtherGroup(RegistrationTarget target, string name, Failure failure) => new(
        ProblemReason.RegistrationRefused,
        $"Scale set {name.Quote()} cannot be made at '{target}' ({failure.Detail}): if another runner group has one of "
        + "that name, name that group in 'serves', or set another scaleSetName");

    public static Problem Several(RegistrationTarget target, string name) => new(
        ProblemReason.RegistrationRefused,
        $"'{target}' has several scale sets called {name.Quote()}: remove all but one in its settings, under "
        + "'Actions', 'Runners', or set another scaleSetName");

    /// <param name="name">The set.</param>
    /// <param name="target">Where it is.</param>
    /// <param name="failure">What was answered.</param>
    /// <param name="since">Since when that was answered.</param>
    public static Problem Held(string name, RegistrationTarget target, Failure failure, DateTimeOffset since) => new(
        ProblemReason.SessionHeld,
        $"Somebody else listens to scale set {name.Quote()} of '{target}', at least since {since.UtcDateTime:u} "
        + $"({failure.Detail}): it is tried again until that ends; if it is another controller's, such as ARC's, end "
        + "that one or set another scaleSetName");

    public static Problem Of(Failure failure, Account account, RegistrationTarget target, string what) =>
        Problems.Of(failure, account, $"{what} of '{target}'", target.Repository is null);
}
