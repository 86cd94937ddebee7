using RunnerScaler.Control.Work;

namespace RunnerScaler.Web;

/// <summary>Where the controller listens.</summary>
internal sealed class WebOptions
{
    /// <summary>The address for metrics and health, over plain HTTP: an IP address, or <c>*</c> for all.</summary>
    public string Address { get; set; } = "*";

    /// <summary>The port for metrics and health; 0 takes a free one, and the log tells which.</summary>
    [OptionRange("0", "65535")]
    public int Port { get; set; } = 8080;

    /// <summary>The address for the claims of pods, over TLS: an IP address, or <c>*</c> for all.</summary>
    public string ClaimsAddress { get; set; } = "*";

    /// <summary>The port for the claims of pods; 0 takes a free one, and the log tells which.</summary>
    [OptionRange("0", "65535")]
    public int ClaimsPort { get; set; } = 8443;

    /// <summary>
    /// Claims that are under way at the same time. Further pods are told to come again without being heard, so this
    /// should exceed those that are held (<c>Control:HeldClaims</c>) by far.
    /// </summary>
    [OptionRange("1", "100000")]
    public int MaxClaims { get; set; } = 5000;

    /// <summary>
    /// A folder whose files each hold one secret that GitHub's webhook may sign its deliveries with, such as a mounted
    /// Secret; up to four. Empty: no webhook is taken, and no port is opened for it.
    /// </summary>
    public string WebhookSecrets { get; set; } = "";

    /// <summary>The address for GitHub's webhook, over plain HTTP: an IP address, or <c>*</c> for all.</summary>
    public string WebhooksAddress { get; set; } = "*";

    /// <summary>The port for GitHub's webhook; 0 takes a free one, and the log tells which.</summary>
    [OptionRange("0", "65535")]
    public int WebhooksPort { get; set; } = 8090;

    /// <summary>
    /// Whether <c>/</c> and <c>/api</c> answer without a token, to everybody who reaches the port, about all pools and
    /// jobs.
    /// </summary>
    public bool Anonymous { get; set; }
}
