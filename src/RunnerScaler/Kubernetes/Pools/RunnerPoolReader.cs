using System.Collections.Immutable;
using System.Text.Json;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>
/// Reads a <c>RunnerPool</c>. Checks again all that <c>deploy/crds/runnerpools.yaml</c> says: objects may be older than
/// its rules, and the definition in the cluster older than this program.
/// </summary>
internal static class RunnerPoolReader
{
    /// <summary>Levels of a spec. A pod's deepest field is at some twenty.</summary>
    public const int Deepest = 50;

    /// <summary>Slot numbers have at most four digits.</summary>
    private const int MostRunners = 10_000;
    private const int MostLabels = 100;
    private const int LongestLabel = 256;
    private const int LongestObjectName = 253;
    private const int MostShownFields = 5;
    private const string LongestDeadline = "168h";

    private static readonly string[] Feeds = ["Poll", "ScaleSet"];

    /// <summary>Where the pool is and what it is called; empty what it does not say.</summary>
    public static PoolKey KeyOf(JsonElement root)
    {
        var metadata = root.Member("metadata");
        return new(metadata.Text("namespace") ?? "", metadata.Text("name") ?? "");
    }

    /// <summary>
    /// The pool, or its problem, and what it wants of its pods, which is of no use if there is a problem. Never throws
    /// for what a user wrote.
    /// </summary>
    /// <param name="root">The object as the API server gives it.</param>
    /// <param name="reading">Learns which fields there are.</param>
    public static (PoolObject Pool, PodOptions Wishes) ReadWhole(JsonElement root, SpecReading reading)
    {
        var metadata = root.Member("metadata");
        var key = KeyOf(root);
        try
        {
            return root.Member("spec") is { } spec && spec.NestsDeeperThan(Deepest)
                ? Unreadable(key, metadata, $"spec nests more than {Deepest} levels: no pod does; make it flatter")
                : ReadWhole(root, metadata, key, reading);
        }
        catch (Exception e) when (JsonText.IsUnreadable(e))
        {
            return Unreadable(key, metadata, $"spec cannot be read: {e.Message.Shown()}");
        }
    }

    private static (PoolObject, PodOptions) Unreadable(PoolKey key, JsonElement? metadata, string problem) => (
        new PoolObject(key, Generation(metadata), null, new Problem(ProblemReason.SpecInvalid, problem)),
        ReadWishes(new SpecNode(new SpecReading(), null, "spec", "spec"), key));

    private static long Generation(JsonElement? metadata) =>
        metadata.Member("generation") is { ValueKind: JsonValueKind.Number } number
        && number.TryGetInt64(out var generation)
            ? generation
            : 0;

    private static (PoolObject Pool, PodOptions Wishes) ReadWhole(
        JsonElement root, JsonElement? metadata, PoolKey key, SpecReading reading)
    {
        var generation = Generation(metadata);
        CheckName(key.Name, reading);
        var spec = new SpecNode(reading, root.Member("spec"), "spec", "spec");
        if (!spec.Exists)
            spec.Fail("is missing: set github, labels and limits");
        var (pool, wishes) = spec.Object(s => (ReadSpec(s, key), ReadWishes(s, key)));
        pool = pool with
        {
            Deleting = metadata.Text("deletionTimestamp") is not null,
            RefusesForks = wishes.Builder.Shared is { AllowForks: false },
            DeploysAs = wishes.Deploy?.ServiceAccountName,
        };
        var read = reading.Problem is { } problem
            ? new PoolObject(key, generation, null, new Problem(ProblemReason.SpecInvalid, problem))
            : new PoolObject(key, generation, pool, null);
        return (read with { Uid = metadata.Text("uid") ?? "", Notices = Ignored(reading.Unknown) }, wishes);
    }

    // The API server lets no field through that the definition does not have: that is a later release's.
    private static ImmutableArray<PoolCondition> Ignored(List<string> fields)
    {
        if (fields.Count == 0)
            return [];
        var shown = string.Join(", ", fields.Take(MostShownFields)).Shown(300);
        var more = fields.Count > MostShownFields ? $" and {fields.Count - MostShownFields} more" : "";
        return [
            new(Conditions.FieldsIgnored, true, "LaterRelease",
                $"This controller does not know {shown}{more}, and goes on without: bring it to the release of the "
                    + "definition of RunnerPool, or remove what is no field."),
        ];
    }

    private static void CheckName(string name, SpecReading reading)
    {
        if (name.Length > Slot.LongestPoolName)
            reading.Fail(
                "metadata.name",
                $"has {name.Length} characters, which leaves no room for its runners' names: use at most "
                    + $"{Slot.LongestPoolName}");
        if (name.Contains('.', StringComparison.Ordinal))
            reading.Fail("metadata.name", $"is '{name}', and runners' names have no dots: use hyphens instead");
    }

    private static Pool ReadSpec(SpecNode spec, PoolKey key)
    {
        var github = spec.At("github").Object(g => ReadGitHub(g, key));
        var (most, perRepository) = spec.At("limits").Object(ReadLimits);
        var pool = new Pool
        {
            Key = key,
            Account = new AccountKey(
                key.Namespace, github.Secret, github.Serves.Length > 0 ? github.Serves[0].Server : "")
            {
                ScaleSetsOf = github.ScaleSet is null ? null : key.Name,
            },
            Serves = github.Serves,
            Labels = ReadLabels(spec.At("labels")),
            MaxRunners = most,
            MaxRunnersPerRepository = perRepository,
            Warm = WarmReader.Read(spec.At("warm"), most),
            Priority = spec.At("priority").Whole(-1_000_000, 1_000_000, 0),
            Deadlines = spec.At("deadlines").Object(ReadDeadlines),
        };
        TemplateRules.Check(spec.At("template"));
        if (pool is { UsesScaleSets: true, MaxRunnersPerRepository: not null } && pool.Serves.Any(s => s.HasGroups))
            spec.At("limits").At("maxRunnersPerRepository").Fail(
                "is set, but with feed ScaleSet GitHub assigns the jobs of an organisation or enterprise whatever "
                    + "repository they are of, and one that is assigned must be run: remove it");
        if (pool.Warm.Idle > 0 && pool.Serves.Length > 0 && pool.IdleTarget is null)
            spec.At("warm").At("idle").Fail(
                $"is {pool.Warm.Idle}, but nobody knows in which repository of owner/* the next job will be: set 0, "
                    + "or serve an organisation or a repository");
        return pool;
    }

    private static (string Secret, string? ScaleSet, ImmutableArray<Scope> Serves) ReadGitHub(
        SpecNode github, PoolKey key)
    {
        var scaleSet = github.At("feed").Word(Feeds, Feeds[0]) == Feeds[1] ? key.Name : null;
        return (
            github.At("credentialsSecret").Text("the name of a Secret in the pool's namespace", IsObjectName),
            scaleSet,
            ServesReader.Read(github.At("serves"), scaleSet));
    }

    private static PodOptions ReadWishes(SpecNode spec, PoolKey key) => new(
        BuilderReader.Read(spec.At("builder")),
        DeployReader.Read(spec.At("deploy"), key.Namespace),
        DeployReader.ReadRegistrySecret(spec.At("registryCredentialsSecret")));

    private static ImmutableArray<string> DistinctLabels(SpecNode labels)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in labels.Items(1, MostLabels))
        {
            var label = item.Text(
                $"1 to {LongestLabel} characters without commas, control characters and outer spaces", IsLabel);
            if (label.Length > 0 && !seen.Add(label))
                item.Fail($"is '{label}' once more: GitHub ignores case, so remove one of the two");
        }
        return [.. seen];
    }

    private static LabelSet ReadLabels(SpecNode labels) => LabelSet.Of(DistinctLabels(labels));

    private static (int Most, int? PerRepository) ReadLimits(SpecNode limits)
    {
        var most = limits.At("maxRunners").Whole(0, MostRunners);
        var perRepository = limits.At("maxRunnersPerRepository");
        return (most, perRepository.Exists ? perRepository.Whole(1, MostRunners) : null);
    }

    private static Deadlines ReadDeadlines(SpecNode deadlines)
    {
        var defaults = new Deadlines();
        return new Deadlines
        {
            Start = deadlines.At("start").Time(defaults.Start, LongestDeadline),
            Register = deadlines.At("register").Time(defaults.Register, LongestDeadline),
            Assign = deadlines.At("assign").Time(defaults.Assign, LongestDeadline),
            Idle = deadlines.At("idle").Time(defaults.Idle, LongestDeadline),
            Job = deadlines.At("job").Time(defaults.Job, LongestDeadline),
        };
    }

    private static bool IsLabel(string label) =>
        label.Length is >= 1 and <= LongestLabel
        && label.Trim().Length == label.Length
        && !label.Any(c => c == ',' || char.IsControl(c));

    private static bool IsObjectName(string name) =>
        name.Length is >= 1 and <= LongestObjectName
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.')
        && char.IsAsciiLetterOrDigit(name[0])
        && char.IsAsciiLetterOrDigit(name[^1]);
}
