using System.Globalization;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Simulation.Reading;

/// <summary>What goes wrong at GitHub, drawn anew every now and then.</summary>
internal sealed class ReadingFaults(Random random, StepTime time)
{
    /// <summary>Parts of the addresses of what is only read.</summary>
    private static readonly string[] Reads =
    [
        "/jobs", "status=queued", "status=in_progress", "status=waiting", "/installation/repositories", "runner-groups",
        "page=2", "/actions/runs?",
    ];

    private static readonly string[] Parts =
        [.. Reads, "/actions/runners", "generate-jitconfig", "access_tokens", "app0"];

    /// <summary>Not those of scale sets, which are no part of reading.</summary>
    private static readonly RestFault[] Kinds =
        [.. Enum.GetValues<RestFault>().Where(kind => Enum.TryParse<ReadingFault>($"{kind}", out _))];

    public FaultPlan Draw() => new()
    {
        ServerErrorShare = Share(),
        HtmlShare = Share() / 4,
        ThrottledShare = Share() / 8,
        LostReplyShare = Share(),
        RetryAfter = TimeSpan.FromSeconds(random.Next(1, 90)),
        RetryAfterText = random.Next(3) == 0 ? Text() : null,
        TokenReplication = TimeSpan.FromSeconds(random.Next(2) == 0 ? 0 : random.Next(1, 7)),
        LatencyMax = TimeSpan.FromSeconds(random.Next(2) == 0 ? 0 : random.Next(1, 4)),
        LateAfter = TimeSpan.FromSeconds(random.Next(1, 30)),
        LargestPage = random.Next(3) switch
        {
            0 => random.Next(1, 4),
            1 => 99,
            _ => 100,
        },
        Standing = random.Next(2) == 0 ? [] : [Stand(Kinds[random.Next(Kinds.Length)])],
    };

    /// <summary>
    /// What is sent here to change something breaks no rule, and to a deletion 422 says that the runner has a job.
    /// </summary>
    private StandingFault Stand(RestFault kind)
    {
        var parts = kind == RestFault.Invalid ? Reads : Parts;
        return new(parts[random.Next(parts.Length)], kind);
    }

    /// <summary>What a server, or what stands before it, can write there.</summary>
    private string Text() => random.Next(6) switch
    {
        0 or 1 or 2 => (time.GetUtcNow() + TimeSpan.FromSeconds(random.Next(1, 120)))
            .ToString("R", CultureInfo.InvariantCulture),
        3 => "soon",
        4 => "-5",
        _ => "99999999999",
    };

    private double Share() => random.Next(4) switch
    {
        0 => 0.02,
        1 => 0.2,
        _ => 0,
    };
}
