@main struct Clearbox { static func main() {} }
