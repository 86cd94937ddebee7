namespace RunnerScaler.Protocol;

/// <summary>
/// What controller and pod agree on about claims, all of <c>docs/claim-protocol.md</c> that is a plain value.
/// </summary>
internal static class ClaimProtocol
{
    /// <summary>Where pods post their claims, and delete them, at the controller's address.</summary>
    public const string Path = "/claims";

    /// <summary>The audience of the token that a pod shows.</summary>
    public const string Audience = "runnerscaler";

    /// <summary>
    /// Bytes that an answer's body has at most: more than a JIT config with all around it. What is longer is not from
    /// the controller.
    /// </summary>
    public const int LargestBody = 256 * 1024;

    /// <summary>This many refusals in a row end a pod: what is between it and the controller may refuse for a while.
    /// </summary>
    public const int RefusalsToEnd = 3;

    /// <summary>How long the controller holds a claim at most, as the option for that writes it.</summary>
    public const string LongestHold = "55s";

    /// <summary>
    /// The answer may be held for <see cref="LongestHold"/>; a connection that is silent for longer than this is dead.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(70);

    /// <summary>
    /// How long a pod tries to give its identity back: nothing is held then, and the pod has no time to lose.
    /// </summary>
    public static readonly TimeSpan ReturnPatience = TimeSpan.FromSeconds(10);
}

/// <summary>The HTTP statuses of the answers to claims.</summary>
internal static class ClaimStatus
{
    public const int Granted = 200;

    /// <summary>To <c>POST</c>: still in standby. To <c>DELETE</c>: given back.</summary>
    public const int Nothing = 204;

    public const int Unauthorized = 401;
    public const int Refused = 403;

    /// <summary>To <c>DELETE</c>: its runner has a job.</summary>
    public const int Busy = 409;

    public const int Retired = 410;

    /// <summary>The controller holds as many claims as it may.</summary>
    public const int TooMany = 429;

    public const int Unavailable = 503;
}
