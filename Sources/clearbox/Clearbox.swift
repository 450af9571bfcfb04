import Experiments
@main struct Clearbox { static func main() { } }
