namespace RunnerScaler.Sandbox.GitHub;

/// <summary>
/// Draws ids that grow with gaps. Runs and jobs start where GitHub stands today, far above 32 bits.
/// </summary>
internal sealed class Ids(Random random)
{
    private long _run = 33_714_470_481;
    private long _job = 100_520_616_165;
    private long _runner = 20;
    private long _account = 190_000_000;
    private long _repository = 1_060_000_000;
    private long _group = 3;
    private long _installation = 98_000_000;
    private long _app = 1_900_000;
    private long _scaleSet = 3;
    private long _serial;

    public long NextRun() => Next(ref _run, 900);

    public long NextJob() => Next(ref _job, 40);

    public long NextRunner() => Next(ref _runner, 2);

    public long NextAccount() => Next(ref _account, 900);

    public long NextRepository() => Next(ref _repository, 900);

    public long NextGroup() => Next(ref _group, 4);

    public long NextInstallation() => Next(ref _installation, 900);

    public long NextApp() => Next(ref _app, 900);

    public long NextScaleSet() => Next(ref _scaleSet, 3);

    public long NextSession() => ++_serial;

    /// <summary>Lower-case hexadecimal digits.</summary>
    public string Hex(int digits) => random.GetHexString(digits, lowercase: true);

    private long Next(ref long last, int gap) => last += 1 + random.Next(gap);
}
