using System.Globalization;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Explaining;

/// <summary>Looks at the pools as a person would who wants to know what is wrong with them.</summary>
internal static class PoolChecks
{
    /// <summary>Runners that ended so long ago say little of now.</summary>
    private static readonly TimeSpan Recent = TimeSpan.FromHours(1);

    /// <summary>Fewer that ended badly are bad luck.</summary>
    private const int LeastBad = 3;

    private const int MostTroubles = 3;

    /// <returns>What is found of the pools that the reader may be told of.</returns>
    public static IEnumerable<CheckAnswer> Of(Knowledge known, Reader reader)
    {
        var pools = known.Pools.Where(p => reader.MayRead(p.Key)).ToArray();
        return pools.Length > 0
            ? pools.SelectMany(p => Of(known, p))
            : [new("pools", CheckLevel.Warning, null, "There is no RunnerPool that you may read.",
                "Make one (docs/pools.md), or ask as somebody who may get runnerpools.")];
    }

    /// <summary>Whether a runner ended as none should.</summary>
    public static bool IsBad(EndedRunner ended) =>
        ended.Outcome is not (OutcomeKind.RanJob or OutcomeKind.NoJob or OutcomeKind.Retired);

    private static CheckAnswer[] Of(Knowledge known, PoolReading pass)
    {
        var about = $"pool {pass.Key}";
        CheckAnswer[] bad =
        [
            .. pass.Report.Conditions.Where(Conditions.IsBad).Select(c => Of(c, about)).DistinctBy(c => c.Sentence),
            .. Troubles(pass, about),
            .. Ends(known, pass, about),
        ];
        return bad.Length > 0
            ? bad
            : [CheckAnswer.Fine("pools", about, pass.Report.Conditions.FirstOrDefault(
                c => c.Type == Conditions.Ready)?.Message ?? "It has not been looked at yet.")];
    }

    private static CheckAnswer Of(PoolCondition condition, string about) => new(
        CheckOf(condition), LevelOf(condition), about, Wording.Sentence(condition.Message), RemedyFor(condition));

    /// <summary>What keeps pods from starting: of each kind, the one that has waited longest.</summary>
    private static IEnumerable<CheckAnswer> Troubles(PoolReading pass, string about) => pass.Fleet.Runners
        .OrderBy(r => r.Since)
        .Select(PodTrouble.Of).OfType<TroubleAnswer>()
        .DistinctBy(t => t.Code)
        .Take(MostTroubles)
        .Select(t => new CheckAnswer(
            PodTrouble.IsOfImage(t.Code) ? "images" : "pods", CheckLevel.Warning, about, t.Sentence, t.Remedy));

    /// <summary>Runners that end without a job, again and again.</summary>
    private static IEnumerable<CheckAnswer> Ends(Knowledge known, PoolReading pass, string about)
    {
        var ended = known.Ended.Where(e => e.Pool == pass.Key && known.Now - e.EndedAt < Recent).ToArray();
        var bad = ended.Where(IsBad).ToArray();
        if (bad.Length >= LeastBad && bad.Length * 2 > ended.Length)
            yield return new("runners", CheckLevel.Warning, about, Wording.Sentence(string.Create(
                CultureInfo.InvariantCulture,
                $"{bad.Length} of the {ended.Length} runners that ended within an hour ended badly, the last one as "
                + $"{bad[0].Outcome}: {bad[0].Sentence}")),
                "See the other ends: runnerscaler explain NAMESPACE/POOL.");
    }

    private static CheckLevel LevelOf(PoolCondition condition) => condition.Type switch
    {
        Conditions.Ready or Conditions.RunnerOutdated => CheckLevel.Failure,
        Conditions.QueueRead when condition.Reason != $"{ProblemReason.ReadingPaused}" => CheckLevel.Failure,
        _ => CheckLevel.Warning,
    };

    /// <summary>What it is about: the reasons of problems say more than the condition's type.</summary>
    private static string CheckOf(PoolCondition condition) => condition.Reason switch
    {
        nameof(ProblemReason.CredentialsInvalid) or nameof(ProblemReason.CredentialsRefused) => "credentials",
        nameof(ProblemReason.PermissionMissing) => "permissions",
        nameof(ProblemReason.ScopeNotFound) => "scopes",
        nameof(ProblemReason.RunnerGroupNotFound) or "NotAssigned" => "runner groups",
        nameof(ProblemReason.RegistrationRefused) => "registration",
        nameof(ProblemReason.RateLimited) or nameof(ProblemReason.ReadingPaused) => "budget",
        nameof(ProblemReason.Unreachable) or nameof(ProblemReason.SessionHeld) or "Stale" => "reading",
        nameof(ProblemReason.SpecInvalid) or "LaterRelease" => "spec",
        "NoPoolMatches" or "ForksRefused" => "labels",
        "RefusedByGitHub" or "RunnerOutdated" => "runner version",
        nameof(ProblemReason.BuilderUnavailable) => "builder",
        "RequestsRefused" => "rights",
        _ => OfType(condition.Type),
    };

    private static string OfType(string type) => type switch
    {
        Conditions.RightsMissing => "rights",
        Conditions.AtCapacity => "capacity",
        Conditions.BudgetLow => "budget",
        Conditions.BuilderSelected or Conditions.CacheFound => "builder",
        Conditions.DeployExposed => "deploy",
        _ => "pods",
    };

    private static string RemedyFor(PoolCondition condition) => CheckOf(condition) switch
    {
        "credentials" => "Put a valid credential into the Secret that is named: docs/install.md.",
        "permissions" => "Give the App or the token what is named, and accept it at the installation.",
        "scopes" => "Correct spec.github.serves, or install the App there.",
        "runner groups" => "Correct runnerGroup, or open the group to the repositories and workflows.",
        "registration" => "Do what GitHub's words say.",
        "budget" => "Wait; if it recurs, serve fewer repositories with one credential: docs/operations.md.",
        "reading" => "See whether the controller's way to GitHub is open, and GitHub's own status.",
        "spec" => "Correct the field that is named.",
        "labels" => "Correct runs-on in the workflow, or the pool's spec.labels.",
        "runner version" => "Make the runner's image anew: docs/images.md.",
        "rights" => "Apply deploy/rbac.yaml anew, or fix what denies the request.",
        "capacity" => "Raise spec.limits.maxRunners if the cluster has room.",
        _ => "Do what the sentence says; docs/conditions.md has a row for it.",
    };
}
