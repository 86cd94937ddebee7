namespace RunnerImage.Buildx;

/// <summary>What is to be said about the parts of a <c>create</c> that are left out.</summary>
internal sealed class CreateNotes(ShimFacts facts)
{
    /// <summary>
    /// What setup-buildx-action asks for unless told otherwise; nobody chose it, so nobody needs to hear of it.
    /// </summary>
    private const string DefaultFlags =
        "--allow-insecure-entitlement security.insecure --allow-insecure-entitlement network.host";

    private static readonly string[] TlsOptionNames = ["servername", "cacert", "cert", "key"];

    private readonly List<string> options = [];
    private readonly List<Message> messages = [];

    public static Message NoDockerDriver { get; } = Message.Error("driver-docker",
        "The driver docker needs a Docker daemon, and this runner has none. Leave out \"driver: docker\" (or --driver "
        + "docker): builds then run in the BuildKit of this runner.");

    public IReadOnlyList<Message> Messages => options.Count == 0 ? messages : [.. messages, OptionsNote()];

    public static bool IsTlsOption(string option) =>
        TlsOptionNames.Contains(option.Split('=', 2)[0], StringComparer.Ordinal);

    public static Message NoSecondNode(string builder, string? endpoint) => Message.Error("append",
        $"The builder {builder} cannot get a second node {(endpoint is null ? "" : $"at {endpoint} ")}that needs a "
        + "Docker daemon: this runner has none. Leave out that node (BuildKit emulates other platforms itself), or "
        + "give the address of a BuildKit daemon, as in tcp://buildkit-arm64.builds.svc:1234.");

    public void AddKubernetes() => messages.Add(Message.Notice("driver",
        "The driver kubernetes is not used: it would start builders in the cluster, and this runner has a BuildKit of "
        + "its own. Leave out \"driver: kubernetes\"."));

    public void AddEndpoint(string endpoint)
    {
        if (endpoint.Length > 0)
            messages.Add(Message.Warning("endpoint",
                $"The endpoint {endpoint} is Docker's, and this runner has no Docker daemon: builds run in its "
                + $"BuildKit at {facts.Address} instead. To use a BuildKit of your own, give its address with "
                + "\"driver: remote\"."));
    }

    public void AddFlags(string flags)
    {
        var words = string.Join(' ', flags.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (words.Length == 0 || words == DefaultFlags)
            return;
        var entitled = Entitlements.Refused.Where(e => words.Contains(e, StringComparison.Ordinal)).ToList();
        messages.Add(entitled.Count > 0
            ? Entitlements.Missing(entitled)
            : Message.Notice("buildkitd-flags",
                $"The BuildKit flags {words} are left out: the daemon of this runner is already running, and the pool "
                + "decides how (spec.builder of its RunnerPool)."));
    }

    public void AddConfig(string path)
    {
        var registries = facts.ReadText(path) is { } text ? RegistriesIn(text) : [];
        var what = registries.Count > 0 ? $" with settings for {string.Join(", ", registries)}" : "";
        messages.Add(Message.Warning("buildkitd-config",
            $"The BuildKit configuration{what} is left out: the daemon of this runner is already running. Mirrors, "
            + "CAs and insecure registries are set for the whole pool, in spec.builder.registries of its RunnerPool."));
    }

    public void AddOptions(IEnumerable<string> dropped) =>
        options.AddRange(dropped.Where(o => o.Length > 0).Select(o => o.Split('=', 2)[0]));

    private Message OptionsNote() => Message.Notice("driver-opt",
        $"The driver options {string.Join(", ", options.Distinct())} are left out: they are for a BuildKit that Docker "
        + "starts, and that of this runner is already running. Its image, resources and registries are set in "
        + "spec.builder of the RunnerPool.");

    /// <summary>The hosts of <c>[registry."…"]</c> tables.</summary>
    private static List<string> RegistriesIn(string toml)
    {
        List<string> hosts = [];
        foreach (var line in toml.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line is not ['[', .. var header]
                || header.IndexOf(']', StringComparison.Ordinal) is not (> 0 and var end))
                continue;
            if (header[..end].Split('.', 2, StringSplitOptions.TrimEntries) is not ["registry", var key])
                continue;
            var quote = key.Length > 1 && key[0] is '"' or '\'' ? key[0] : '.';
            var host = quote == '.' ? key.Split(quote)[0] : key[1..].Split(quote)[0];
            if (host.Length > 0 && !hosts.Contains(host))
                hosts.Add(host);
        }

        return hosts;
    }
}
