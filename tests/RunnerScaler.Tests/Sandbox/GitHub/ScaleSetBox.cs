using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Tests.Sandbox.GitHub;

/// <summary>A scale set of <c>acme</c> for the label <c>linux</c>, and who listens to it.</summary>
internal sealed class ScaleSetBox
{
    private long _last;

    public ScaleSetBox(ScaleSetSettings? settings = null, bool listen = true)
    {
        Box = new Box(new OrganizationSettings { ScaleSets = settings ?? new ScaleSetSettings() });
        Set = Organization.AddScaleSet("acme", new ScaleSetRequest("linux"));
        if (listen) Listen();
    }

    public Box Box { get; }

    public Organization Organization => Box.Organization;

    public ScaleSet Set { get; }

    public SessionAnswer Opened { get; private set; } = null!;

    public string Token => Opened.Session.QueueToken;

    public ScaleSetStatistics Statistics => Organization.GetScaleSet("acme", Set.Id).Statistics;

    public void Listen(string owner = "test") => Opened = Organization.OpenSetSession("acme", Set.Id, owner);

    public void Refresh() =>
        Opened = Organization.RefreshSetSession("acme", Set.Id, Opened.Session.Id);

    /// <summary>The next message, not acknowledged yet; null when there is none now.</summary>
    public ScaleSetMessage? Poll(int? capacity = 10, long last = 0) =>
        Organization.NextMessage(Token, last, new ScaleSetCapacity(capacity));

    /// <summary>What is told now, all of it acknowledged.</summary>
    public string[] Hear(int? capacity = 10)
    {
        var heard = new List<string>();
        while (Poll(capacity, _last) is { } message)
        {
            Organization.AcknowledgeMessage(Token, _last = message.Id);
            heard.AddRange(message.Entries.Select(entry => $"{entry.Event} {entry.Job.Name}{Result(entry)}"));
        }

        return [.. heard];
    }

    public Job Queue(string name = "build", params string[] labels) =>
        Box.Queue(new JobSpec(name) { RunsOn = labels.Length == 0 ? ["linux"] : labels });

    public RunnerSession Connect(string name = "r1") => Organization.Connect(Register(name).EncodedJitConfig)!;

    public JitRegistration Register(string name = "r1") =>
        Organization.CreateSetJitConfig("acme", Set.Id, name, "_work");

    public static ActionsRefusal Refused(Action act) => Assert.Throws<ActionsRefusal>(act);

    private static string Result(ScaleSetEntry entry) => entry.Result is { } result ? $" {result}" : "";
}
